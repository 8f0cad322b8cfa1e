import type { EnsureContext, RemoteHost, StepResult } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { Service, ServiceCheck } from '../../types.ts';
import { oneShots } from '../deploy/compose-facts.ts';
import type { FoundContainer } from '../deploy/found.ts';
import { askEndpoint, type Asked } from './check-endpoint.ts';
import { logsOf } from './evidence.ts';
import { inspectContainer, type Inspection } from './inspect.ts';
import { awaitedEnds, judge, type Verdict } from './judge.ts';

export interface Checking {
  readonly service: Service;
  readonly state: ServiceCheck;
  readonly host: RemoteHost;
  readonly context: EnsureContext;
  /** All containers of the host, now; asked once for everybody who wants to know at the same moment. */
  readonly list: () => Promise<readonly FoundContainer[]>;
}

/** So many restarts are no accident any more. */
const loopRestarts = 3;
const firstDelayMs = 100;
const longestDelayMs = 2000;

/** Watches one service until it has proven that it works, or has failed to. */
export async function checkService(checking: Checking, signal: AbortSignal): Promise<StepResult> {
  try {
    const outcome = await watch(checking, signal);
    if (!('code' in outcome)) return { ok: true, did: outcome.did };
    return { ok: false, problem: outcome, touched: true };
  } catch (error) {
    return { ok: false, problem: toProblem(error), touched: true };
  }
}

async function watch(
  checking: Checking,
  signal: AbortSignal,
): Promise<Problem | { readonly did: readonly string[] }> {
  const { state, context, host, list, service } = checking;
  const { clock } = context.ports;
  const { checks } = state;
  const start = clock.now().getTime();
  const restarts = createRestartCounter(host);
  let patience = Math.max(checks.retries * checks.interval, checks.settle + 1) * 1000;
  let up: Up | null = null;
  for (let delay = firstDelayMs; ; delay = Math.min(delay * 1.5, longestDelayMs)) {
    const own = (await list()).filter(({ project }) => project === service.name);
    const ends = new Set([...oneShots(service.files['docker-compose.yml'] ?? ''), ...awaitedEnds(own)]);
    const verdict = judge(own, state.containers, ends);
    const watched = own.filter(({ service: name }) => name !== null && state.containers.includes(name));
    // While everything stays up, one look at the end is enough.
    const looping = up === null ? await restarts.look(watched, signal) : null;
    const failed = await failure(checking, verdict, looping, signal);
    if (failed !== null) return failed;
    if (verdict.kind === 'up') {
      up = await proceed(up, checking, signal);
      if (up.asked.ok && isSettled(verdict, clock.now().getTime() - up.since, checking)) {
        if (!(await restarts.grown(watched, signal)))
          return {
            did: [`${watched.length} container${watched.length === 1 ? '' : 's'} up`, ...up.asked.did],
          };
        up = null; // it fell over while it was watched: from the start, as long as there is time
      }
    } else {
      up = null;
      patience = Math.max(patience, await healthTime(verdict, host, signal));
    }
    if (clock.now().getTime() - start >= patience)
      return tooLate(checking, { verdict, asked: up?.asked ?? null, own }, signal);
    await clock.wait(delay, signal);
  }
}

/** Since when all containers have been up, and what the service answers. */
interface Up {
  readonly since: number;
  readonly asked: Asked;
}

async function proceed(up: Up | null, { state, host, context }: Checking, signal: AbortSignal): Promise<Up> {
  const { clock, probe } = context.ports;
  const since = up?.since ?? clock.now().getTime();
  if (up?.asked.ok === true) return up;
  return { since, asked: await askEndpoint(host.entry.address, state.checks, probe, signal) };
}

/** What no waiting will mend. */
async function failure(
  checking: Checking,
  verdict: Verdict,
  looping: FoundContainer | null,
  signal: AbortSignal,
): Promise<Problem | null> {
  if (verdict.kind === 'unhealthy') return unhealthy(checking, verdict.container, signal);
  if (verdict.kind === 'ended' && !(await endedOnPurpose(checking.host, verdict.container, signal)))
    return ended(checking, verdict.container, signal);
  return looping === null ? null : restartLoop(checking, looping, signal);
}

/** Without anything that checks it, staying up for a while is the only sign of life. */
function isSettled(
  { unchecked }: Extract<Verdict, { kind: 'up' }>,
  upMs: number,
  { state: { checks } }: Checking,
): boolean {
  return unchecked.length === 0 || checks.http !== null || upMs >= checks.settle * 1000;
}

/** Docker decides about health in its own time, which may be longer than ours. */
async function healthTime(verdict: Verdict, host: RemoteHost, signal: AbortSignal): Promise<number> {
  if (verdict.kind !== 'waiting' || verdict.container === null || verdict.container.state !== 'running')
    return 0;
  const inspection = await inspectContainer(host, verdict.container.id, signal);
  return (inspection?.healthDecidedMs ?? 0) + 2000;
}

async function endedOnPurpose(
  host: RemoteHost,
  container: FoundContainer,
  signal: AbortSignal,
): Promise<boolean> {
  const inspection = await inspectContainer(host, container.id, signal);
  return inspection !== null && inspection.exitCode === 0 && inspection.restartPolicy === 'on-failure';
}

/** Remembers how often each container had restarted: when it was first seen, for loops, and when it was last seen. */
function createRestartCounter(host: RemoteHost) {
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  const inspect = (containers: readonly FoundContainer[], signal: AbortSignal) =>
    Promise.all(
      containers.map(async (container): Promise<readonly [FoundContainer, Inspection | null]> => [
        container,
        await inspectContainer(host, container.id, signal),
      ]),
    );
  return {
    /** A container that is in a restart loop, if there is one. */
    async look(containers: readonly FoundContainer[], signal: AbortSignal): Promise<FoundContainer | null> {
      for (const [container, inspection] of await inspect(containers, signal)) {
        if (inspection === null) continue;
        const known = first.get(container.id);
        // Seen for the first time while it restarts: it has never been up for us.
        first.set(container.id, known ?? (container.state === 'restarting' ? 0 : inspection.restarts));
        last.set(container.id, inspection.restarts);
        if (inspection.restarts - (first.get(container.id) ?? 0) >= loopRestarts) return container;
      }
      return null;
    },
    /** True when one restarted since it was last looked at. */
    async grown(containers: readonly FoundContainer[], signal: AbortSignal): Promise<boolean> {
      let grown = false;
      for (const [{ id }, inspection] of await inspect(containers, signal)) {
        const restarts = inspection?.restarts ?? 0;
        grown ||= restarts > (last.get(id) ?? 0);
        last.set(id, restarts);
      }
      return grown;
    },
  };
}

async function ended(checking: Checking, container: FoundContainer, signal: AbortSignal): Promise<Problem> {
  const { host, context } = checking;
  const inspection = await inspectContainer(host, container.id, signal);
  const clean = inspection?.exitCode === 0;
  return {
    code: 'container-not-running',
    message: `${container.name} on ${host.entry.name} ended with exit code ${inspection?.exitCode ?? 'unknown'}.`,
    where: host.entry.name,
    ...(clean ? { hint: 'If it is meant to end, say `restart: "no"` in its definition.' } : {}),
    evidence: await logsOf(host, [container], context.ports.secrets, signal),
  };
}

async function restartLoop(
  checking: Checking,
  container: FoundContainer,
  signal: AbortSignal,
): Promise<Problem> {
  const { host, context } = checking;
  return {
    code: 'restart-loop',
    message: `${container.name} on ${host.entry.name} keeps restarting.`,
    where: host.entry.name,
    evidence: await logsOf(host, [container], context.ports.secrets, signal),
  };
}

async function unhealthy(
  checking: Checking,
  container: FoundContainer,
  signal: AbortSignal,
): Promise<Problem> {
  const { host, context } = checking;
  const { secrets } = context.ports;
  const output = secrets
    .redact((await inspectContainer(host, container.id, signal))?.healthOutput ?? '')
    .trim();
  return {
    code: 'health-failed',
    message: `${container.name} on ${host.entry.name} is unhealthy, says its own health check.`,
    where: host.entry.name,
    evidence: [
      ...(output === '' ? [] : [{ title: `health check of ${container.name}`, text: output.slice(-1000) }]),
      ...(await logsOf(host, [container], secrets, signal)),
    ],
  };
}

async function tooLate(
  checking: Checking,
  {
    verdict,
    asked,
    own,
  }: { readonly verdict: Verdict; readonly asked: Asked | null; readonly own: readonly FoundContainer[] },
  signal: AbortSignal,
): Promise<Problem> {
  const { host, context, service, state } = checking;
  const { retries, interval } = state.checks;
  const watched = `(watched for ${retries * interval} s)`;
  if (verdict.kind === 'restarting') return restartLoop(checking, verdict.container, signal);
  const shared = { where: host.entry.name, evidence: await logsOf(host, own, context.ports.secrets, signal) };
  if (verdict.kind === 'up' && asked?.ok === false)
    return { code: asked.code, message: `${service.name}: ${asked.message} ${watched}.`, ...shared };
  if (verdict.kind === 'up')
    return { code: 'restart-loop', message: `${service.name} restarted while it was watched.`, ...shared };
  const because = verdict.kind === 'waiting' ? verdict.because : `${verdict.container.name} is not up`;
  const isHealth = verdict.kind === 'waiting' && verdict.container?.state === 'running';
  return {
    code: isHealth ? 'health-failed' : 'container-not-running',
    message: `${service.name} on ${host.entry.name}: ${because} ${watched}.`,
    ...shared,
  };
}
