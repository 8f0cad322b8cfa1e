import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type OpenStore } from '../../data/index.ts';
import { createEngine } from '../../engine/engine.ts';
import { createSource } from '../../engine/definitions/index.ts';
import type {
  Access,
  ApprovalPolicy,
  DeployRoute,
  Engine,
  EngineOptions,
  Log,
  PipelinePace,
  Pipelines,
  Repository,
  Store,
} from '../../engine/index.ts';
import { createClock } from '../../engine/providers/clock.ts';
import { createGitRepository } from '../../engine/providers/git/repository.ts';
import { createLayeredSecrets, type LayeredSecretsOptions } from '../../engine/providers/layered-secrets.ts';
import { createNotifier, patientPace, type NotifierPace } from '../../engine/providers/notify/notifier.ts';
import { createProbe } from '../../engine/providers/probe.ts';
import type { SendTo } from '../../engine/providers/secret-bindings.ts';
import { createSecrets } from '../../engine/providers/secrets.ts';
import { createSystemClients } from '../../engine/providers/systems.ts';
import { createHosts } from '../../engine/providers/ssh/hosts.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../lab/host/simulated-world.ts';
import { inventoryText, webService } from '../../lab/house/definitions.ts';
import { createServicesRepository, type ServicesRepository } from '../../lab/house/services-repository.ts';
import { quietLog } from '../../lab/quiet-log.ts';

/** The engine on real SQLite, real git and a simulated host, without any front end. */
export interface EngineHouse {
  /** The one that runs now. */
  readonly engine: Engine;
  readonly store: OpenStore;
  readonly services: ServicesRepository;
  readonly world: SimulatedWorld;
  readonly image: (name: string) => string;
  define(image: string): Promise<string>;
  /** Stops the engine and starts another one on the same store, as a restart of the bot does. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const app = { name: 'app', file: 'services/media/app.yml' };

export interface EngineHouseOptions {
  readonly approvals?: ApprovalPolicy;
  readonly hosts?: number;
  /** Something between the engine and git, for outages that cannot be had on demand. */
  readonly aroundGit?: (git: Repository) => Repository;
  readonly aroundStore?: (store: Store) => Store;
  /** More lines of sentinel.yml. */
  readonly inventory?: string;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Addresses secrets may be sent to; anywhere unless told. */
  readonly sendTo?: SendTo;
  readonly notifierPace?: NotifierPace;
  readonly log?: Log;
  /** Environments and their branches. */
  readonly environments?: Readonly<Record<string, { readonly branch: string }>>;
  /** Secrets kept elsewhere. */
  readonly readSecrets?: LayeredSecretsOptions['read'];
  readonly pipelines?: Pipelines;
  readonly route?: DeployRoute;
  /** Who a login of the forge is here. */
  readonly people?: Readonly<Record<string, string>>;
  readonly pace?: PipelinePace;
}

export const nobodyAsked: ApprovalPolicy = {
  rules: [],
  fallback: { required: 0, selfApproval: true, expiresSeconds: 3600, roles: [] },
};
export const oneApproval: ApprovalPolicy = {
  rules: [],
  fallback: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [] },
};

const access: Access = {
  grants: [
    { role: 'deployers', capabilities: ['view', 'deploy', 'rollback'], environments: [] },
    { role: 'household', capabilities: ['view'], environments: [] },
    { role: 'approvers', capabilities: ['view', 'approve'], environments: [] },
  ],
};

const rules = ({
  approvals = nobodyAsked,
  people = {},
  pace = { lookMs: 50, appearMs: 5_000 },
}: EngineHouseOptions): Pick<EngineOptions, 'access' | 'approvals' | 'people' | 'pace'> => ({
  ...{ access, approvals, people, pace },
});

export async function openEngineHouse(options: EngineHouseOptions = {}): Promise<EngineHouse> {
  const { readSecrets: read, environments = { production: { branch: 'main' } } } = options;
  const directory = mkdtempSync(join(tmpdir(), 'sentinel-engine-'));
  const world = await createSimulatedWorld({ hosts: options.hosts ?? 1 });
  const [host] = world.hosts;
  const services = await createServicesRepository(join(directory, 'git'));
  await services.commit({ 'sentinel.yml': inventoryText(world, options.inventory) }, 'chore: machines');
  const clock = createClock();
  const store = openStore({ file: join(directory, 'state', 'sentinel.db'), clock, log: quietLog });
  const git = createGitRepository({
    name: 'homelab',
    url: services.url,
    mirrorDirectory: join(directory, 'mirror'),
    environments,
    defaultEnvironment: 'production',
    log: quietLog,
    committer: { name: 'Sentinel', email: 'sentinel@localhost' },
    env: process.env,
  });
  const secrets = createSecrets({
    ...{ env: options.secrets ?? {}, directory: null },
    ...(options.sendTo ? { sendTo: options.sendTo } : {}),
  });
  const layered =
    read === undefined
      ? null
      : createLayeredSecrets({ base: secrets, place: 'GitLab', read, clock, log: quietLog, freshMs: 0 });
  const hosts = createHosts({ keys: () => readFileSync(world.key.file), knownHosts: null, log: quietLog });
  const source = createSource({
    ...{ repository: options.aroundGit?.(git) ?? git, layout: 'fleet', name: 'homelab' },
    ...{ pipelines: options.pipelines ?? null, route: options.route ?? 'engine' },
  });
  const parts: EngineOptions = {
    store: options.aroundStore?.(store) ?? store,
    sources: [source],
    hosts,
    secrets,
    probe: createProbe(),
    systems: createSystemClients({ secrets, clock, log: quietLog }),
    notifier: createNotifier({ secrets, clock, pace: options.notifierPace ?? patientPace }),
    clock,
    log: options.log ?? quietLog,
    environments: Object.keys(environments),
    ...(layered === null ? {} : { secretsFor: layered.read }),
    ...rules(options),
  };
  let engine = createEngine(parts);
  const image = (name: string): string => world.registry.image(name);
  return {
    get engine() {
      return engine;
    },
    async restart() {
      await engine.stop(10_000);
      engine = createEngine(parts);
    },
    store,
    services,
    world,
    image,
    define: (reference) =>
      services.commit(
        { [app.file]: webService({ name: app.name, host: host!.name, image: reference, port: 18_080 }) },
        `feat: ${reference}`,
      ),
    async close() {
      await engine.stop(10_000);
      await hosts.close();
      store.close();
      await world.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
