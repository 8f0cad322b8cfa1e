import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { makePlan } from '../../../../engine/planner.ts';
import type {
  Checks,
  DeploymentEvent,
  HostEntry,
  Hosts,
  Plan,
  Ports,
  Scope,
  ScopedService,
  Service,
} from '../../../../engine/index.ts';
import { createClock } from '../../../../engine/providers/clock.ts';
import { createProbe } from '../../../../engine/providers/probe.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import { createHosts } from '../../../../engine/providers/ssh/hosts.ts';
import { type RunResult, walk } from '../../../../engine/runner.ts';
import { stages } from '../../../../engine/stages/index.ts';
import { createStory } from '../../../../engine/story.ts';
import { noClients, noSystems, nothingAround } from '../../fixtures.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';
import type { World, WorldHost } from '../../../../lab/world.ts';

export const canary = "c4n4ry'$x\\ value";

/** One controller of a world: plans and runs like the engine does, without Git, people or a database. */
export interface Play {
  readonly ports: Ports;
  readonly entry: HostEntry;
  readonly host: WorldHost;
  scope(services: readonly ScopedService[]): Scope;
  plan(services: readonly ScopedService[], revision?: string): Promise<Plan>;
  /** Plans and runs; throws when the plan has problems. */
  run(services: readonly ScopedService[], options?: RunOptions): Promise<Played>;
  execute(plan: Plan, services: readonly ScopedService[], options?: RunOptions): Promise<Played>;
  close(): Promise<void>;
}
export interface RunOptions {
  readonly revision?: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DeploymentEvent) => void;
  readonly automaticRollback?: boolean;
}
export interface Played {
  readonly plan: Plan;
  readonly result: RunResult;
  readonly events: readonly DeploymentEvent[];
}

let deployments = 0;

export function createPlay(world: World, host: WorldHost): Play {
  const hosts: Hosts = createHosts({
    keys: () => readFileSync(world.key.file),
    knownHosts: null,
    log: quietLog,
  });
  const ports: Ports = {
    host: (entry) => hosts.get(entry),
    secrets: createSecrets({ env: { CANARY: canary, PLAIN: 'first' }, directory: null }),
    probe: createProbe(),
    clock: createClock(),
    log: quietLog,
    systems: noClients,
  };
  const entry: HostEntry = {
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    key: 'default',
    hostKeys: [host.hostKey],
    installRoot: host.installRoot,
    docker: { command: 'docker', socket: '/var/run/docker.sock' },
  };
  const scope = (services: readonly ScopedService[], automaticRollback = true): Scope => ({
    inventory: {
      domain: null,
      automaticRollback,
      source: 'inventory',
      hosts: { [host.name]: entry },
      systems: noSystems,
    },
    services,
  });
  const plan = async (services: readonly ScopedService[], revision = 'a'.repeat(40)): Promise<Plan> => {
    const frame = {
      repository: 'lab',
      environment: 'production',
      revision,
      scope: scope(services),
      risks: [],
    };
    const made = await makePlan(frame, ports, new AbortController().signal);
    if (!made.ok) throw new PlanProblems(made.problems.map(({ code, message }) => `${code}: ${message}`));
    return made.value;
  };
  const execute: Play['execute'] = async (planned, services, options = {}) => {
    const events: DeploymentEvent[] = [];
    const deployment = `d-${(deployments += 1)}`;
    const story = createStory({
      deployment,
      firstSeq: 1,
      now: () => new Date(),
      emit: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
      onBroken: () => undefined,
    });
    const result = await walk({
      plan: planned,
      scope: scope(services, options.automaticRollback ?? true),
      stages,
      ports,
      story,
      deployment,
      signal: options.signal ?? new AbortController().signal,
      lost: new AbortController().signal,
    });
    return { plan: planned, result, events };
  };
  return {
    ports,
    entry,
    host,
    scope,
    plan,
    execute,
    run: async (services, options = {}) => execute(await plan(services, options.revision), services, options),
    close: () => hosts.close(),
  };
}

export class PlanProblems extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

export interface Wish {
  readonly name: string;
  readonly image: string;
  readonly port?: number;
  readonly more?: Partial<Service>;
  readonly checks?: Partial<Checks>;
  /** Further lines of the compose service. */
  readonly lines?: readonly string[];
}

/** A service with one container that serves HTTP on its port. */
export function webService(
  { host }: Play,
  { name, image, port, more = {}, checks = {}, lines = [] }: Wish,
): Service {
  const compose = [
    'services:',
    `  ${name}:`,
    `    image: ${image}`,
    '    restart: unless-stopped',
    '    stop_grace_period: 1s',
    ...(port === undefined ? [] : ['    ports:', `      - "${port}:80"`]),
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
  return {
    name,
    displayName: name,
    category: 'test',
    file: `services/test/${name}.yml`,
    source: name,
    layout: 'fleet',
    host: host.name,
    installPath: `${host.installRoot}/${name}`,
    files: { 'docker-compose.yml': compose },
    env: {},
    containers: [
      {
        name,
        image,
        ports: port === undefined ? [] : [{ host: port, container: 80, protocol: 'tcp' }],
        volumes: [],
        binds: [],
        privileged: false,
        healthcheck: false,
      },
    ],
    checks: {
      port: port ?? null,
      http: port === undefined ? null : { port, path: '/', expect: [200] },
      interval: 0.5,
      timeout: 2,
      retries: 8,
      settle: 0.5,
      ...checks,
    },
    dependsOn: [],
    ...nothingAround,
    ...more,
  };
}

export const present = (service: Service): ScopedService => ({
  want: 'present',
  name: service.name,
  service,
  owned: [],
});
export const absent = (service: Service, deleteVolumes = false): ScopedService => ({
  want: 'absent',
  name: service.name,
  service,
  deleteVolumes,
  owned: [],
});
export const releaseOf = (service: Service, release: string): ScopedService => ({
  want: 'release',
  name: service.name,
  service,
  release,
  owned: [],
});

/** What a person gets from the port, or null when nothing answers. */
export async function pageOf({ host }: Play, port: number): Promise<string | null> {
  try {
    const answer = await fetch(`http://${host.address}:${port}/`, { signal: AbortSignal.timeout(3000) });
    return (await answer.text()).trim();
  } catch {
    return null;
  }
}

export { eventually } from '../../../eventually.ts';

/** The containers of one project. */
export async function containersOf({ host }: Play, project: string) {
  return (await host.containers()).filter((container) => container.project === project);
}

export function expectOutcome({ result, events }: Played, outcome: string): void {
  const failures = events.filter(({ type }) => type === 'step-failed');
  expect({ outcome: result.outcome, failures: outcome === 'succeeded' ? failures : [] }).toEqual({
    outcome,
    failures: [],
  });
}

/** Directory listing of an install path, without what only tells time. */
export async function filesIn({ host }: Play, path: string): Promise<readonly string[]> {
  const { stdout } = await host.exec(`cd '${path}' 2>/dev/null && find . -type f | sort`);
  return stdout.split('\n').filter((line) => line !== '');
}
