import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { startAuthentik, type AuthentikLab } from '../authentik/index.ts';
import { startPihole, type Pihole } from '../pihole/pihole.ts';
import { startNtfy, startWebhook, type NtfyLab, type WebhookLab } from '../sinks/index.ts';
import { filesOnDisk, filesOnHost, startTraefik, type Traefik } from '../traefik/index.ts';
import type { World, WorldHost } from '../world.ts';
import { startDashboard, type LabDashboard } from './dashboard.ts';
import { writeOn } from './write-on.ts';

export interface HouseSystemsOptions {
  /** Machines of the world by what is on them; default: the first. */
  readonly traefik?: string;
  readonly glance?: string;
  readonly domain?: string;
}
export interface Page {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

/** Traefik, Pi-hole, Authentik, Glance and two places to be told, beside the hosts of a world. */
export interface HouseSystems {
  readonly domain: string;
  /** Where routes are, and where records shall point. */
  readonly address: string;
  /** Lines of `sentinel.yml`. */
  readonly inventory: string;
  readonly secrets: Readonly<Record<string, string>>;
  /** Where each of them may be sent, for `bot.yml`. */
  readonly sendTo: Readonly<Record<string, string>>;
  readonly traefik: Traefik;
  readonly pihole: Pihole;
  readonly authentik: AuthentikLab;
  readonly glance: LabDashboard;
  readonly ntfy: NtfyLab;
  readonly webhook: WebhookLab;
  /** Route files by name. */
  routeFiles(): Promise<Readonly<Record<string, string>>>;
  /** What a browser gets that was led to the proxy; null when nothing answers. */
  visit(hostname: string, how?: { readonly signedOn?: boolean }): Promise<Page | null>;
  close(): Promise<void>;
}

let counter = 0;

export async function createHouseSystems(
  world: World,
  options: HouseSystemsOptions = {},
): Promise<HouseSystems> {
  const { domain = 'home.lan' } = options;
  counter += 1;
  const folder = `around-${process.pid}-${counter}`;
  const proxyHost = hostNamed(world, options.traefik);
  const directory = `${proxyHost.installRoot}/${folder}/routes`;
  await writeOn(proxyHost, `${directory}/shared.yml`, sharedRoutes);
  const files = () => (world.kind === 'real' ? filesOnHost(proxyHost, directory) : filesOnDisk(directory));
  const [traefik, pihole, authentik, glance, ntfy, webhook] = await Promise.all([
    startTraefik({ files, directory, pollMs: world.kind === 'real' ? 200 : 25 }),
    startPihole({ password: 'p1-h0le-pa55', hosts: ['192.168.1.2 nas.home.lan nas', '192.168.1.3 tv'] }),
    startAuthentik(),
    startDashboard(world, hostNamed(world, options.glance), folder),
    startNtfy(),
    startWebhook({ token: 'w3bh00k-t0ken' }),
  ]);
  const parts = { traefik, pihole, authentik, glance, ntfy, webhook };
  return {
    ...parts,
    domain,
    address: traefik.address,
    inventory: inventoryOf(parts, { domain, host: proxyHost.name, directory }),
    secrets: {
      PIHOLE_API_PASSWORD: pihole.state.password ?? '',
      AUTHENTIK_TOKEN: authentik.token,
      DEPLOY_WEBHOOK_URL: webhook.address,
      DEPLOY_WEBHOOK_TOKEN: 'w3bh00k-t0ken',
    },
    sendTo: {
      PIHOLE_API_PASSWORD: pihole.url,
      AUTHENTIK_TOKEN: authentik.url,
      DEPLOY_WEBHOOK_URL: new URL(webhook.address).origin,
      DEPLOY_WEBHOOK_TOKEN: new URL(webhook.address).origin,
    },
    async routeFiles() {
      const found = [...(await files())].filter(([path]) => /\.ya?ml$/.test(path));
      return Object.fromEntries(found.map(([path, content]) => [path.slice(directory.length + 1), content]));
    },
    visit: (hostname, { signedOn = false } = {}) =>
      visit(traefik, { hostname, cookie: signedOn ? authentik.cookie : null }),
    async close() {
      const ends = await Promise.allSettled(Object.values(parts).map((part) => part.close()));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** Routes somebody else keeps in the same directory. */
const sharedRoutes = `# Kept by hand.
http:
  middlewares:
    limit:
      rateLimit: { average: 100 }
`;

function hostNamed(world: World, name: string | undefined): WorldHost {
  const host = name === undefined ? world.hosts[0] : world.hosts.find((one) => one.name === name);
  if (host === undefined) throw new Error(`the world has no host ${name ?? 'at all'}`);
  return host;
}

type Parts = Pick<HouseSystems, 'traefik' | 'pihole' | 'authentik' | 'glance' | 'ntfy'>;

function inventoryOf(
  { traefik, pihole, authentik, glance, ntfy }: Parts,
  { domain, host, directory }: { readonly domain: string; readonly host: string; readonly directory: string },
): string {
  const ca = traefik.ca
    .trim()
    .split('\n')
    .map((line) => `      ${line}`);
  return [
    `domain: ${domain}`,
    'systems:',
    '  traefik:',
    `    host: ${host}`,
    `    address: ${traefik.address}`,
    `    https_port: ${traefik.httpsPort}`,
    `    http_port: ${traefik.httpPort}`,
    `    directory: ${directory}`,
    `    api: ${traefik.api}`,
    '    ca: |',
    ...ca,
    '  dns:',
    '    provider: pihole',
    `    url: ${pihole.url}`,
    '    password: PIHOLE_API_PASSWORD',
    `    server: ${pihole.server.address}:${pihole.server.port}`,
    '  authentik:',
    `    url: ${authentik.url}`,
    '    token: AUTHENTIK_TOKEN',
    ...glance.inventory,
    `  ntfy: { url: ${ntfy.url}, topic: homelab }`,
    '  webhook: { url: DEPLOY_WEBHOOK_URL, token: DEPLOY_WEBHOOK_TOKEN }',
    '',
  ].join('\n');
}

function visit(
  { address, httpsPort, ca }: Traefik,
  { hostname, cookie }: { readonly hostname: string; readonly cookie: string | null },
): Promise<Page | null> {
  return new Promise((resolve) => {
    const asking = request({
      ...{ host: address, port: httpsPort, path: '/', ca, servername: hostname, agent: false },
      rejectUnauthorized: false,
      headers: { host: hostname, ...(cookie === null ? {} : { cookie }) },
    });
    asking.on('error', () => resolve(null));
    asking.on('response', (response) => {
      void text(response).then((body) =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? null, body }),
      );
    });
    asking.end();
  });
}
