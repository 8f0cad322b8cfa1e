import type {
  Actor,
  Checks,
  DeployState,
  DeploymentEvent,
  Happening,
  Plan,
  Proposal,
  Step,
} from '../../../engine/index.ts';

export const ada: Actor = { id: 'discord:100000000000000001', name: 'Ada', roles: ['10'] };
export const ben: Actor = { id: 'discord:100000000000000002', name: 'Ben', roles: ['11'] };

const checks: Checks = {
  ...{ port: 3000, http: { port: 3000, path: '/api/health', expect: [200] } },
  ...{ interval: 5, timeout: 5, retries: 3, settle: 10 },
};

export function deployState(image: string, change: Partial<DeployState> = {}): DeployState {
  return {
    ...{ host: 'media', path: '/opt/grafana', release: 'r1', files: { 'docker-compose.yml': image } },
    ...{ env: 'current', images: { grafana: { reference: image, digest: null } } },
    ...{ containers: { grafana: 'running' }, checks, revision: null },
    ...change,
  };
}

/** grafana 10.0 → 10.1 on the host media. */
export function stepsOf(service = 'grafana', host = 'media'): readonly Step[] {
  return [
    {
      ...{ id: `1 deploy ${service}`, stage: 'deploy', service, system: host, target: service },
      cause: 'image differs',
      changes: [{ what: 'image', before: 'grafana/grafana:10.0', after: 'grafana/grafana:10.1' }],
      before: deployState('grafana/grafana:10.0'),
      after: deployState('grafana/grafana:10.1'),
    },
    {
      ...{ id: `2 verify ${service}`, stage: 'verify', service, system: host, target: service },
      cause: 'prove that it works',
      changes: [],
      before: { kind: 'service', host, checks, containers: [service] },
      after: { kind: 'service', host, checks, containers: [service] },
    },
  ];
}

export function planOf(change: Partial<Plan> = {}): Plan {
  return {
    ...{ repository: 'homelab', environment: 'production', revision: '3f2a1c9d'.repeat(5) },
    services: [
      {
        ...{ name: 'grafana', displayName: 'Grafana', category: 'monitoring', host: 'media' },
        ...{ action: 'modify', dependsOn: [], proof: [] },
      },
    ],
    steps: stepsOf(),
    risks: [],
    downtime: 5,
    diff: '--- a/docker-compose.yml\n+++ b/docker-compose.yml\n-    image: grafana/grafana:10.0\n+    image: grafana/grafana:10.1\n',
    digest: 'ab12cd34'.repeat(8),
    ...change,
  };
}

export function proposalOf(change: Partial<Proposal> = {}): Proposal {
  return {
    id: 'p-7k3m2q',
    request: { kind: 'deploy', service: 'grafana', environment: 'production' },
    plan: planOf(),
    rule: { required: 0, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: [] },
    requestedBy: ada,
    createdAt: '2026-03-01T10:00:00.000Z',
    expiresAt: '2026-03-01T11:00:00.000Z',
    state: 'open',
    votes: [],
    deployment: null,
    draft: null,
    offer: null,
    ...change,
  };
}

/** Events one second apart, beginning with `started`. */
export function eventsOf(
  happenings: readonly Happening[],
  change: { readonly plan?: Plan; readonly deployment?: string } = {},
): readonly DeploymentEvent[] {
  const started: Happening = {
    ...{ type: 'started', plan: change.plan ?? planOf(), proposal: 'p-7k3m2q' },
    ...{ request: { kind: 'deploy', service: 'grafana' }, actor: ada, approvedBy: [ben.id] },
  };
  return [started, ...happenings].map((happening, index) => ({
    deployment: change.deployment ?? 'd-2345gh',
    seq: index + 1,
    at: new Date(Date.parse('2026-03-01T10:00:00.000Z') + index * 1000).toISOString(),
    ...happening,
  }));
}

const [deploy, verify] = ['1 deploy grafana', '2 verify grafana'];
export const forward = 'forward';

export const goesWell: readonly Happening[] = [
  { type: 'step-started', step: deploy, phase: forward },
  {
    type: 'step-done',
    step: deploy,
    phase: forward,
    did: ['pulled grafana/grafana:10.1', 'recreated 1 container'],
  },
  { type: 'step-started', step: verify, phase: forward },
  { type: 'step-done', step: verify, phase: forward, did: ['GET /api/health answered 200'] },
  { type: 'finished', outcome: 'succeeded', services: { grafana: 'succeeded' }, problem: null },
];

const unhealthy = {
  code: 'health-failed',
  message: 'grafana did not become healthy: /api/health answered 500.',
  hint: 'Look at the container’s log below.',
  evidence: [{ title: 'logs of grafana', text: 'starting\nmigration failed: table locked\n' }],
} as const;

export const rolledBack: readonly Happening[] = [
  ...goesWell.slice(0, 3),
  { type: 'step-failed', step: verify, phase: forward, problem: unhealthy },
  {
    ...{ type: 'unwinding', service: 'grafana', because: unhealthy },
    steps: stepsOf().map((step) => ({ ...step, id: `undo ${step.id}` })),
  },
  { type: 'step-started', step: `undo ${deploy}`, phase: 'unwind' },
  { type: 'step-done', step: `undo ${deploy}`, phase: 'unwind', did: ['put grafana/grafana:10.0 back'] },
  { type: 'step-started', step: `undo ${verify}`, phase: 'unwind' },
  { type: 'step-done', step: `undo ${verify}`, phase: 'unwind', did: ['GET /api/health answered 200'] },
  { type: 'finished', outcome: 'rolled-back', services: { grafana: 'rolled-back' }, problem: unhealthy },
];
