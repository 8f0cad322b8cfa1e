import pLimit from 'p-limit';
import type { EnsureContext, RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { GlanceSystem, StepOf } from '../../types.ts';
import { readKept, writeHostFiles, type FileWrite } from '../host-files/index.ts';
import { type Applied, applySteps } from './apply-steps.ts';
import { checkConfiguration } from './check-configuration.ts';
import { comeUp } from './come-up.ts';
import type { Sources } from './compose.ts';
import { hashOf, renderEntry } from './entry-text.ts';
import { type KeptEntry, parseKept } from './kept-entry.ts';
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

interface Work {
  readonly host: RemoteHost;
  readonly system: GlanceSystem;
  readonly context: EnsureContext;
  readonly signal: AbortSignal;
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
      const applied = applySteps(sources, steps, (step) => texts.get(step.id) ?? null);
      const outcome = await put(work, sources, applied);
      written ||= outcome === 'partly';
      if (outcome === 'moved' || outcome === 'partly') continue;
      finish(context, steps, applied);
      return;
    }
    fail(context, steps, { problem: busyProblem(work.system), touched: written });
  } catch (error) {
    const back = error instanceof PutBackError;
    fail(context, steps, { problem: toProblem(error), touched: back ? !error.clean : written });
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
    if (text !== undefined) texts.set(id, parseKept(text));
  }
  return texts;
}

function finish({ report }: EnsureContext, steps: Steps, { failures, changed }: Applied): void {
  for (const { id, after, before } of steps) {
    const problem = failures.get(id);
    const state = after ?? before;
    const place = `${state?.title ?? ''} in ${state?.list ?? ''} (${state?.file ?? ''})`;
    const did = changed.has(id)
      ? `${after === null ? 'took out' : 'wrote'} ${place}`
      : `${place} was so already`;
    report(id, problem === undefined ? { ok: true, did: [did] } : { ok: false, problem, touched: false });
  }
}

/** Carries whether what was there before is there again. */
class PutBackError extends ProblemError {
  readonly clean: boolean;
  constructor(problem: Problem, clean: boolean) {
    super(problem);
    this.clean = clean;
  }
}

/** Checks, writes and sees Glance come up; puts back what was there when it does not. */
async function put(
  work: Work,
  sources: Sources,
  applied: Applied,
): Promise<'written' | 'partly' | 'moved' | 'nothing'> {
  const { host, system, signal } = work;
  const writes = differences(sources, applied.sources);
  if (writes.length === 0) return 'nothing';
  await checkConfiguration(host, { system, sources: applied.sources }, signal);
  const written = await writeHostFiles(
    host,
    { writes, keep: applied.keep, container: system.container },
    signal,
  );
  const done = writes.filter(({ path }) => written.get(path) === 'written').length;
  if (done < writes.length) return done === 0 ? 'moved' : 'partly';
  try {
    await comeUp(host, { system, ports: work.context.ports }, signal);
  } catch (error) {
    throw new PutBackError(toProblem(error), await putBack(work, sources, writes));
  }
  return 'written';
}

function differences(before: Sources, after: Sources): readonly FileWrite[] {
  return [...after.texts].flatMap(([path, text]) => {
    const was = before.texts.get(path);
    return was === text ? [] : [{ path, expected: was === undefined ? null : hashOf(was), text }];
  });
}

/** Also when the deployment was stopped meanwhile: a broken dashboard is never left behind. */
async function putBack(
  { host, system, context: { ports } }: Work,
  sources: Sources,
  writes: readonly FileWrite[],
): Promise<boolean> {
  const signal = AbortSignal.timeout(60_000);
  const back = writes.map(({ path, text }) => ({
    path,
    expected: hashOf(text ?? ''),
    text: sources.texts.get(path) ?? null,
  }));
  try {
    const written = await writeHostFiles(host, { writes: back, container: system.container }, signal);
    await comeUp(host, { system, ports }, signal).catch((error: unknown) =>
      ports.log.warn({ problem: toProblem(error) }, 'the dashboard does not come up as it was either'),
    );
    return back.every(({ path }) => written.get(path) === 'written');
  } catch (error) {
    ports.log.error({ problem: toProblem(error) }, 'the dashboard could not be put back');
    return false;
  }
}

const busyProblem = ({ config, host }: GlanceSystem): Problem => ({
  code: 'system-busy',
  message: `Somebody else keeps changing ${config} on ${host}, so nothing was written.`,
  where: host,
  hint: 'Close the editor or the program that writes it, then deploy again.',
});
