import pLimit from 'p-limit';
import type { EnsureContext } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { GlanceSystem, StepOf } from '../../types.ts';
import { readKept } from '../host-files/index.ts';
import { type Applied, applySteps } from './apply-steps.ts';
import { hashOf, renderEntry } from './entry-text.ts';
import { type KeptEntry, parseKept } from './kept-entry.ts';
import { put, PutError, type Work } from './put.ts';
import { readSources } from './read-sources.ts';

type Steps = readonly StepOf<'glance'>[];

/** One at a time for each dashboard of this process; other processes are met by comparing before writing. */
const queues = new Map<string, ReturnType<typeof pLimit>>();
/** How often somebody else may be faster before we give up. */
const mostAttempts = 6;

/** Makes the steps of the dashboard true with one write for each file. */
export async function ensureTiles(steps: Steps, context: EnsureContext, signal: AbortSignal): Promise<void> {
  const { systems, hosts } = context.scope.inventory;
  const system = systems.glance;
  const entry = system === null ? undefined : hosts[system.host];
  if (system === null || entry === undefined) {
    const message = 'sentinel.yml names no Glance any more.';
    fail(context, steps, { problem: { code: 'system-unreachable', message }, touched: false });
    return;
  }
  const host = context.ports.host(entry);
  const key = `${entry.address}:${entry.port} ${system.config}`;
  const queue = queues.get(key) ?? pLimit(1);
  queues.set(key, queue);
  await queue(() => change({ host, system, context, signal }, steps));
}

interface Failing {
  readonly problem: Problem;
  readonly touched: boolean;
}

function fail({ report }: EnsureContext, steps: Steps, { problem, touched }: Failing): void {
  for (const { id } of steps) report(id, { ok: false, problem, touched });
}

async function change(work: Work, steps: Steps): Promise<void> {
  const { context } = work;
  let written = false;
  try {
    const texts = await textsFor(work, steps);
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const sources = await readSources(work.host, work.system, work.signal);
      const applied = await applySteps(sources, steps, (step) => texts.get(step.id) ?? null);
      const { kind, notes } = await put(work, sources, applied);
      written ||= kind === 'partly';
      if (kind === 'moved' || kind === 'partly') continue;
      finish(context, steps, { ...applied, notes });
      return;
    }
    fail(context, steps, { problem: busyProblem(work.system), touched: written });
  } catch (error) {
    const touched = written || (error instanceof PutError && error.touched);
    fail(context, steps, { problem: toProblem(error), touched });
  }
}

/** The lines of what has to stand there: as the definition gives them, or as they were kept on the host. */
async function textsFor(
  { host, context, signal }: Work,
  steps: Steps,
): Promise<ReadonlyMap<string, KeptEntry>> {
  const texts = new Map<string, KeptEntry>();
  for (const { id, service, after } of steps) {
    const scoped = context.scope.services.find(({ name }) => name === service);
    const text = after === null ? null : renderEntry(service, after.kind, scoped?.service.tile ?? null);
    if (text !== null && hashOf(text) === after?.content) texts.set(id, parseKept(text));
  }
  const others = steps.filter(({ id, after }) => after !== null && !texts.has(id));
  const hashes = others.flatMap(({ after }) => (after === null ? [] : [after.content]));
  const kept = await readKept(host, hashes, signal);
  for (const { id, after } of others) {
    const text = kept.get(after?.content ?? '');
    // What was cut short on the host is not what was kept.
    if (text !== undefined && hashOf(text) === after?.content) texts.set(id, parseKept(text));
  }
  return texts;
}

interface Finished extends Applied {
  readonly notes: readonly string[];
}

function finish({ report }: EnsureContext, steps: Steps, { failures, changed, notes }: Finished): void {
  for (const { id, after, before } of steps) {
    const problem = failures.get(id);
    const state = after ?? before;
    const place = `${state?.title ?? ''} in ${state?.list ?? ''} (${state?.file ?? ''})`;
    const did = changed.has(id)
      ? [`${after === null ? 'took out' : 'wrote'} ${place}`, ...notes]
      : [`${place} was so already`];
    report(id, problem === undefined ? { ok: true, did } : { ok: false, problem, touched: false });
  }
}

const busyProblem = ({ config, host }: GlanceSystem): Problem => ({
  code: 'system-busy',
  message: `Somebody else keeps changing ${config} on ${host}, so nothing was written.`,
  where: host,
  hint: 'Close the editor or the program that writes it, then deploy again.',
});
