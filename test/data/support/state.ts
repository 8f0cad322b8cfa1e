import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore, type OpenStore } from '../../../data/index.ts';
import type {
  Actor,
  Clock,
  DeploymentEvent,
  Happening,
  Log,
  Outcome,
  Plan,
  Proposal,
} from '../../../engine/index.ts';

export const ada: Actor = { id: 'discord:1', name: 'Ada', roles: ['10', '11'] };
export const ben: Actor = { id: 'discord:2', name: 'Ben', roles: [] };

/** A clock that moves only when it is told to. */
export interface HandClock extends Clock {
  advance(seconds: number): void;
}
export function handClock(start = '2026-01-02T03:04:05.000Z'): HandClock {
  let ms = Date.parse(start);
  return {
    now: () => new Date(ms),
    wait: () => Promise.reject(new Error('nothing in the store waits')),
    advance(seconds) {
      ms += seconds * 1000;
    },
  };
}

export const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};

/** A folder of its own for one test. */
export function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Fixture {
  readonly file: string;
  readonly clock: HandClock;
  readonly store: OpenStore;
  /** Closes the store and opens it again, as a restart does. */
  reopen(): OpenStore;
}

/** A store on a real file. */
export function openFixture(clock = handClock()): Fixture {
  const file = join(stateFolder(), 'sentinel.db');
  const open = (): OpenStore => {
    const store = openStore({ file, clock, log: quiet });
    onTestFinished(() => store.close());
    return store;
  };
  let store = open();
  return {
    file,
    clock,
    get store() {
      return store;
    },
    reopen() {
      store.close();
      store = open();
      return store;
    },
  };
}

/** A plan with a deploy and a verify step for each service, using every field a plan can have. */
export function planOf(services: readonly string[], environment = 'home'): Plan {
  const checks = {
    port: 3000,
    http: { port: 3000, path: '/health', expect: [200, 204] },
    interval: 0.5,
    timeout: 5,
    retries: 3,
    settle: 10,
  };
  const digest = '1'.repeat(64);
  return {
    repository: 'homelab',
    environment,
    revision: 'c0ffee',
    services: services.map((name) => ({
      name,
      displayName: name.toUpperCase(),
      category: 'media',
      host: 'box',
      action: 'modify',
      dependsOn: [],
      proof: [],
    })),
    steps: services.flatMap((service, index) => [
      {
        id: `${2 * index + 1} deploy ${service}`,
        stage: 'deploy',
        service,
        system: 'box',
        target: service,
        cause: 'the image changed',
        changes: [{ what: 'image', before: 'web:1', after: 'web:2' }],
        before: null,
        after: {
          host: 'box',
          path: `/opt/${service}`,
          release: null,
          files: { 'docker-compose.yml': 'ab'.repeat(32) },
          env: 'absent',
          images: { web: { reference: 'web:2', digest: null } },
          containers: { web: 'running' },
          checks,
          revision: 'c0ffee',
          deleteVolumes: false,
        },
        irreversible: 'it is a test',
      },
      {
        id: `${2 * index + 2} verify ${service}`,
        stage: 'verify',
        service,
        system: 'box',
        target: service,
        cause: 'it was deployed',
        changes: [],
        before: null,
        after: { kind: 'service', host: 'box', checks, containers: ['web'] },
      },
    ]),
    risks: [
      {
        code: 'latest-tag',
        service: services[0] ?? 'x',
        message: 'It follows latest.',
        alwaysApprove: false,
      },
    ],
    downtime: 5,
    diff: '-web:1\n+web:2\n',
    digest,
  };
}

export function proposalOf(id: string, change: Partial<Proposal> = {}): Proposal {
  return {
    id,
    request: { kind: 'deploy', service: 'web', version: '2', reason: 'because' },
    plan: planOf(['web']),
    rule: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: ['11'], reasons: ['policy'] },
    requestedBy: ada,
    createdAt: '2026-01-02T03:04:05.000Z',
    expiresAt: '2026-01-02T04:04:05.000Z',
    state: 'pending',
    votes: [],
    deployment: null,
    draft: null,
    offer: null,
    ...change,
  };
}

export function startedOf(
  services: readonly string[],
  environment?: string,
): Extract<Happening, { readonly type: 'started' }> {
  return {
    type: 'started',
    plan: planOf(services, environment),
    proposal: null,
    request: { kind: 'deploy', service: services[0] ?? 'x' },
    actor: ada,
    approvedBy: ['discord:2'],
  };
}

export function finishedOf(outcome: Outcome, services: readonly string[] = ['web']): Happening {
  return {
    type: 'finished',
    outcome,
    services: Object.fromEntries(services.map((name) => [name, outcome])),
    problem: null,
  };
}

/** Appends a story and returns its events. */
export function tell(
  store: Pick<OpenStore, 'journal'>,
  deployment: string,
  happenings: readonly Happening[],
  firstSeq = 1,
): readonly DeploymentEvent[] {
  return happenings.map((happening, index) => {
    const at = `2026-01-02T03:05:${String(firstSeq + index).padStart(2, '0')}.000Z`;
    const event: DeploymentEvent = { deployment, seq: firstSeq + index, at, ...happening };
    store.journal.append(event);
    return event;
  });
}
