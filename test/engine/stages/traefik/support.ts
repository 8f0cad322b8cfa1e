import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type {
  AuthentikSystem,
  EnsureContext,
  HostEntry,
  Owned,
  Ports,
  Route,
  Scope,
  ScopedService,
  Service,
  SignOn,
  StepOf,
  StepResult,
  Survey,
  TraefikSystem,
} from '../../../../engine/index.ts';
import { createProbe } from '../../../../engine/providers/probe.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import { createHosts } from '../../../../engine/providers/ssh/hosts.ts';
import { createTraefikReader } from '../../../../engine/providers/traefik/index.ts';
import { traefik as stage } from '../../../../engine/stages/traefik/index.ts';
import { reverse } from '../../../../engine/swap.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../../lab/host/simulated-world.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import { filesOnDisk, startTraefik, type Traefik } from '../../../../lab/traefik/index.ts';
import { noClients, noSystems, service } from '../../fixtures.ts';

export const authentik: AuthentikSystem = {
  url: 'https://auth.home.lan',
  token: 'AUTHENTIK_TOKEN',
  outpost: null,
  outpostUrl: 'http://192.168.40.21:9000',
  authorizationFlow: 'implicit',
  invalidationFlow: 'invalidation',
  ca: null,
};

export const route = (more: Partial<Route> = {}): Route => ({
  hostname: 'grafana.home.lan',
  entryPoints: ['websecure'],
  tls: { certResolver: 'letsencrypt' },
  middlewares: [],
  headers: { frameDeny: null, stsSeconds: null, contentTypeNosniff: null, custom: {} },
  backend: 'http://192.168.40.13:3030',
  healthCheck: null,
  signOnMiddleware: null,
  ...more,
});

export const signOn = (method: SignOn['method']): SignOn => ({
  method,
  name: 'Grafana',
  slug: 'grafana',
  group: '',
  icon: '',
  launchUrl: 'https://grafana.home.lan',
  backend: method === 'proxy' ? 'http://192.168.40.13:3030' : null,
  skipPaths: [],
  oidc: null,
});

export const routed = (name: string, more: Partial<Route> = {}, rest: Partial<Service> = {}): Service =>
  service(name, { route: route({ hostname: `${name}.home.lan`, ...more }), ...rest });

export const present = (wanted: Service, owned: Owned = []): ScopedService => ({
  want: 'present',
  name: wanted.name,
  service: wanted,
  owned,
});
export const absent = (last: Service, owned: Owned = []): ScopedService => ({
  want: 'absent',
  name: last.name,
  service: last,
  deleteVolumes: false,
  owned,
});

export interface Ensured {
  readonly results: ReadonlyMap<string, StepResult>;
  readonly result: (service: string) => StepResult;
}
/** A machine with Traefik on it, and one of us. */
export interface Bench {
  readonly world: SimulatedWorld;
  readonly proxy: Traefik;
  readonly directory: string;
  readonly system: TraefikSystem;
  readonly ports: Ports;
  scope(services: readonly ScopedService[], systems?: Partial<Scope['inventory']['systems']>): Scope;
  survey(scope: Scope): Promise<Survey<'traefik'>>;
  ensure(
    steps: readonly StepOf<'traefik'>[],
    scope: Scope,
    other?: Partial<Pick<EnsureContext, 'phase' | 'ports'>>,
  ): Promise<Ensured>;
  /** Plans and makes true; throws where something failed. */
  deploy(scope: Scope): Promise<readonly StepOf<'traefik'>[]>;
  undo(steps: readonly StepOf<'traefik'>[], scope: Scope): Promise<Ensured>;
  write(name: string, content: string | Buffer): Promise<void>;
  read(name: string): Promise<string | undefined>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Time passes this much faster, so that patience costs nothing. */
const speed = 25;

export async function createBench(more: Partial<TraefikSystem> = {}): Promise<Bench> {
  const world = await createSimulatedWorld();
  const [host] = world.hosts;
  const directory = `${host!.installRoot}/traefik/dynamic`;
  await mkdir(directory, { recursive: true });
  const proxy = await startTraefik({ directory, files: () => filesOnDisk(directory), throttleMs: 10 });
  const system: TraefikSystem = {
    host: host!.name,
    address: proxy.address,
    httpsPort: proxy.httpsPort,
    httpPort: proxy.httpPort,
    directory,
    api: proxy.api,
    container: null,
    ca: proxy.ca,
    ...more,
  };
  const reader = createTraefikReader(system);
  const hosts = createHosts({ keys: () => readFileSync(world.key.file), knownHosts: null, log: quietLog });
  const started = Date.now();
  const ports: Ports = {
    host: (one) => hosts.get(one),
    secrets: createSecrets({ env: {}, directory: null }),
    probe: createProbe(),
    clock: {
      now: () => new Date(started + (Date.now() - started) * speed),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / speed)),
    },
    log: quietLog,
    systems: { ...noClients, proxy: () => reader },
  };
  const entry: HostEntry = {
    name: host!.name,
    address: host!.address,
    port: host!.port,
    user: host!.user,
    key: 'default',
    hostKeys: [host!.hostKey],
    installRoot: host!.installRoot,
    docker: { command: 'docker', socket: '/var/run/docker.sock' },
  };
  const { signal } = new AbortController();
  const ensure: Bench['ensure'] = async (steps, scope, other = {}) => {
    const results = new Map<string, StepResult>();
    const report: EnsureContext['report'] = (id, result) => {
      if (results.has(id)) throw new Error(`${id} was reported twice`);
      results.set(id, result);
    };
    const context: EnsureContext = {
      ports,
      scope,
      deployment: 'd-1',
      revision: 'a'.repeat(40),
      phase: 'forward',
      report,
      ...other,
    };
    await stage.ensure(steps, context, signal);
    return {
      results,
      result(name) {
        const step = steps.find((one) => one.service === name);
        const found = results.get(step?.id ?? '');
        if (found === undefined) throw new Error(`nothing was reported for ${name}`);
        return found;
      },
    };
  };
  const survey: Bench['survey'] = (scope) => stage.survey(scope, ports, signal);
  return {
    world,
    proxy,
    directory,
    system,
    ports,
    survey,
    ensure,
    scope: (services, systems = {}) => ({
      inventory: {
        domain: 'home.lan',
        automaticRollback: true,
        source: 'inventory',
        hosts: { [entry.name]: entry },
        systems: { ...noSystems, traefik: system, authentik, ...systems },
      },
      services,
    }),
    async deploy(scope) {
      const { steps, problems } = await survey(scope);
      if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
      const { results } = await ensure(steps, scope);
      for (const result of results.values()) if (!result.ok) throw new Error(result.problem.message);
      return steps;
    },
    undo: (steps, scope) =>
      ensure(
        reverse(steps).filter((step) => step.stage === 'traefik'),
        scope,
        { phase: 'unwind' },
      ),
    write: (name, content) => writeFile(`${directory}/${name}`, content),
    read: (name) => readFile(`${directory}/${name}`, 'utf8').catch(() => undefined),
    async clear() {
      await rm(directory, { recursive: true });
      await mkdir(directory);
      await proxy.restart();
    },
    async close() {
      await reader?.close();
      await hosts.close();
      await proxy.close();
      await world.close();
    },
  };
}
