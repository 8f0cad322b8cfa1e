import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { startDiscord, type DiscordLab } from '../../lab/discord/index.ts';
import { startDiscordFront } from '../../lab/discord/front.ts';
import { botText } from '../../lab/house/bot-text.ts';
import { baseNode, importBaseImages } from '../../lab/real/base-image.ts';
import { createLabScript, type LabScript } from '../../lab/real/lab-script.ts';
import { startOfflineRegistry, type LockedPackage } from '../../lab/real/offline-registry.ts';

/** A real Docker host that runs the bot's own image as examples/run/compose.yml says, against the lab's Discord. */
export interface BotsHost {
  readonly discord: DiscordLab;
  /** What `docker build` printed. */
  readonly built: string;
  /** A shell command on the host, in the folder of the compose file; its output, and a failure as an error. */
  run(shell: string): Promise<string>;
  /** The same, with the exit code instead of an error. */
  attempt(shell: string): Promise<{ readonly code: number; readonly text: string }>;
  close(): Promise<void>;
}

export const lockedPackages = (): Readonly<Record<string, LockedPackage>> =>
  (JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> })
    .packages;

/** Builds the image from this checkout without any network but the lab's, and prepares the host; starts nothing. */
export async function createBotsHost(): Promise<BotsHost> {
  const folder = mkdtempSync(join(tmpdir(), 'real-bots-'));
  const script = createLabScript(join(folder, 'lab'));
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end();
    await script.down();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { hosts } = await script.up(1);
    const [host] = hosts;
    if (host === undefined) throw new Error('the lab made no host');
    const machine = host.address.replace(/\d+$/, '1');
    const built = await buildImage(`unix:///proc/${host.pid}/root/run/docker.sock`, machine);

    const discord = await startDiscord({ roles: ['deployers', 'approvers'], channels: ['deployments'] });
    closing.push(() => discord.close());
    const front = await startDiscordFront(discord.api, machine);
    closing.push(() => front.close());
    writeFolder(join(script.directory, 'h1/bots'), {
      discord,
      machine,
      certificate: front.certificate,
      host,
    });
    const attempt = attemptIn(script);
    const run = async (shell: string): Promise<string> => {
      const { code, text } = await attempt(shell);
      if (code !== 0) throw new Error(`${shell}: exit ${code}: ${text}`);
      return text;
    };
    await run(prepare);
    return { discord, built, run, attempt, close };
  } catch (error) {
    await close().catch(() => undefined); // the reason counts, not what it left behind
    throw error;
  }
}

/** Under the tags the Dockerfile itself names there are images of this machine's programs. */
async function buildImage(dockerHost: string, machine: string): Promise<string> {
  const registry = await startOfflineRegistry(lockedPackages(), machine);
  try {
    const names = [...readFileSync('Dockerfile', 'utf8').matchAll(/^FROM (\S+)/gm)].map(
      ([, name = '']) => name,
    );
    await importBaseImages({ dockerHost, names, registry: registry.url, node: baseNode(process.env) });
    const { all } = await execa('docker', ['-H', dockerHost, 'build', '--tag', 'sentinel:test', '.'], {
      env: { DOCKER_BUILDKIT: '0' },
      all: true,
    });
    if (registry.missing.length > 0) throw new Error(`npm asked in vain for ${registry.missing.join(', ')}`);
    return all;
  } finally {
    await registry.close();
  }
}

const attemptIn =
  (script: LabScript): BotsHost['attempt'] =>
  async (shell) => {
    const { exitCode, stdout, stderr } = await script.exec(
      'h1',
      `mkdir -p /opt/sentinel && cd /opt/sentinel && { ${shell}\n}`,
    );
    return { code: exitCode, text: `${stdout}${stderr}`.trim() };
  };

/** A services repository on the host, read over SSH; and what the compose file expects beside it, with its owner. */
const prepare = `
cp -r /run/lab/bots/. . && mkdir -p state && chown -R 1000:1000 config secrets state && chmod 700 secrets state
git init -q --bare -b main /srv/homelab.git && git clone -q /srv/homelab.git /root/homelab
cp -r /run/lab/bots/services/. /root/homelab/ && cd /root/homelab && git add -A
git -c user.name=Olivia -c user.email=olivia@home.lan commit -qm 'feat: first' && git push -q origin HEAD:main`;

interface Contents {
  readonly discord: DiscordLab;
  readonly machine: string;
  readonly certificate: string;
  readonly host: { readonly address: string; readonly host_key: string };
}

function writeFolder(folder: string, { discord, machine, certificate, host }: Contents): void {
  const put = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  const repository = `  - name: homelab
    url: ssh://root@${host.address}/srv/homelab.git
    layout: fleet
    branch: main
    ssh_key: default`;
  put(
    'config/bot.yml',
    botText({
      ...{
        guild: discord.state.guild.id,
        channel: discord.channel('deployments').id,
        required: 1,
        expires: '1h',
      },
      roles: (['deployers', 'approvers'] as const).map((name) => ({
        ...{ name, role: discord.role(name).id },
        capabilities: name === 'deployers' ? ['view', 'deploy'] : ['view', 'approve'],
      })),
      ...{ repository: { lines: repository }, listen: 8080, sendTo: {} },
      ...{ key: '/run/secrets/lab', state: '/state', secrets: '/run/secrets/sentinel' },
    }).replace(/^ssh:\n/m, 'ssh:\n  known_hosts: /etc/sentinel/known_hosts\n'),
  );
  put('config/known_hosts', `${host.address} ${host.host_key}\n`);
  put('config/lab.pem', certificate);
  put('secrets/sentinel/DISCORD_TOKEN', discord.token, 0o600);
  cpSync(join(folder, '../../id_ed25519'), join(folder, 'secrets/lab'));
  cpSync('examples/run/compose.yml', join(folder, 'compose.yml'));
  put('compose.override.yml', overrides(machine));
  put('services/sentinel.yml', inventory(host));
  put('services/services/web.yml', service);
}

/** Only who Discord is, and that the health check has not all day. */
const overrides = (machine: string): string => `services:
  bot:
    image: sentinel:test
    extra_hosts: ["discord.com:${machine}"]
    environment: { NODE_EXTRA_CA_CERTS: /etc/sentinel/lab.pem }
    healthcheck: { interval: 1s }
`;
const inventory = ({ address, host_key: key }: Contents['host']): string => `hosts:
  box: { address: ${address}, user: root, host_key: "${key}" }
`;
const service = `service: { name: web, display_name: Web, category: monitoring }
deployment: { target_host: box, image: "registry.lab:5000/web:1", port: 8090, container_port: 80 }
`;
