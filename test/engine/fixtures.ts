import type {
  Actor,
  Checks,
  Inventory,
  Plan,
  PlannedService,
  Proposal,
  Service,
  StepOf,
  Systems,
} from '../../engine/index.ts';
import type { SystemClients } from '../../engine/system-ports/index.ts';

/** Plain values for tests of pure functions; every one may be overridden in part. */
export const ana: Actor = { id: 'discord:1', name: 'ana', roles: ['deployers'] };
export const ben: Actor = { id: 'discord:2', name: 'ben', roles: ['approvers'] };
export const cleo: Actor = { id: 'discord:3', name: 'cleo', roles: ['approvers'] };

export const checks: Checks = { port: 3030, http: null, interval: 1, timeout: 1, retries: 3, settle: 0 };

/** Ports of a test that has no systems around its services. */
export const noClients: SystemClients = (() => {
  const none = (): never => {
    throw new Error('this test has no systems around its services');
  };
  return { dns: none, proxy: none, signOn: none, close: () => Promise.resolve() };
})();

/** What a house without any system around its services has. */
export const noSystems: Systems = {
  traefik: null,
  dns: null,
  authentik: null,
  glance: null,
  notify: { discord: null, ntfy: null, webhook: null },
};

/** For a service that nothing around it knows. */
export const nothingAround = {
  route: null,
  record: null,
  signOn: null,
  tile: null,
  watchtower: false,
  notify: { discord: true, ntfy: null },
} satisfies Partial<Service>;

export const inventory: Inventory = {
  domain: null,
  automaticRollback: true,
  source: 'inventory-1',
  systems: noSystems,
  hosts: {
    h1: {
      name: 'h1',
      address: '127.0.0.11',
      port: 22,
      user: 'root',
      key: 'default',
      hostKeys: [],
      installRoot: '/opt',
      docker: { command: 'docker', socket: '/var/run/docker.sock' },
    },
  },
};

export function service(name: string, more: Partial<Service> = {}): Service {
  return {
    name,
    displayName: name,
    category: 'media',
    file: `services/media/${name}.yml`,
    source: name,
    layout: 'fleet',
    host: 'h1',
    installPath: `/opt/${name}`,
    files: { 'docker-compose.yml': 'services: {}\n' },
    env: {},
    containers: [],
    checks,
    dependsOn: [],
    ...nothingAround,
    ...more,
  };
}

export function planned(name: string, more: Partial<PlannedService> = {}): PlannedService {
  return {
    name,
    displayName: name,
    category: 'media',
    host: 'h1',
    action: 'modify',
    dependsOn: [],
    proof: [],
    ...more,
  };
}

export function deployStep(name: string, more: Partial<StepOf<'deploy'>> = {}): StepOf<'deploy'> {
  const state = (release: string | null, reference: string) => ({
    host: 'h1',
    path: `/opt/${name}`,
    release,
    files: { 'docker-compose.yml': reference },
    env: 'absent' as const,
    images: { web: { reference, digest: null } },
    containers: { web: 'running' },
    checks,
    revision: null,
  });
  return {
    id: `1 deploy ${name}`,
    stage: 'deploy',
    service: name,
    system: 'h1',
    target: name,
    cause: 'image web:1 → web:2',
    changes: [{ what: 'image of web', before: 'web:1', after: 'web:2' }],
    before: state('r1', 'web:1'),
    after: state(null, 'web:2'),
    ...more,
  };
}

export function verifyStep(name: string, more: Partial<StepOf<'verify'>> = {}): StepOf<'verify'> {
  const state = { kind: 'service' as const, host: 'h1', checks, containers: ['web'] };
  return {
    id: `2 verify ${name}`,
    stage: 'verify',
    service: name,
    system: 'h1',
    target: name,
    cause: 'it was changed',
    changes: [],
    before: state,
    after: state,
    ...more,
  };
}

export function plan(more: Partial<Plan> = {}): Plan {
  return {
    repository: 'homelab',
    environment: 'production',
    revision: 'a'.repeat(40),
    services: [planned('grafana')],
    steps: [deployStep('grafana'), verifyStep('grafana')],
    risks: [],
    downtime: 5,
    diff: '',
    digest: 'digest-1',
    ...more,
  };
}

export function proposal(more: Partial<Proposal> = {}): Proposal {
  return {
    id: 'p-222222',
    request: { kind: 'deploy', service: 'grafana' },
    plan: plan(),
    rule: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: [] },
    requestedBy: ana,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T01:00:00.000Z',
    state: 'pending',
    votes: [],
    deployment: null,
    draft: null,
    offer: null,
    ...more,
  };
}
