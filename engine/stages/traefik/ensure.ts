import pLimit, { type LimitFunction } from 'p-limit';
import { sha256 } from '../../digest.ts';
import type { EnsureContext, RemoteHost, StepResult } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { StepOf, TraefikSystem } from '../../types.ts';
import { readHostFiles, writeHostFiles } from '../host-files/index.ts';
import { type Job, movedProblem, prepare } from './job.ts';
import { gainsSignOn } from './protection.ts';
import { prove, type Verdict } from './prove.ts';

/** One batch at a time for each machine: a bad file of one would look like a failure of the other. */
const turns = new WeakMap<RemoteHost, LimitFunction>();

/** Writes or removes route files in one go, then proves that the proxy took them. */
export async function ensureTraefik(
  steps: readonly StepOf<'traefik'>[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const name = steps[0]?.system ?? '';
  const entry = context.scope.inventory.hosts[name];
  if (entry === undefined)
    throw new ProblemError({
      code: 'host-unknown',
      message: `Route files are on “${name}”, which sentinel.yml does not list.`,
    });
  const host = context.ports.host(entry);
  const turn = turns.get(host) ?? pLimit(1);
  turns.set(host, turn);
  await turn(() => ensureBatch(steps, { host, context: tellingOpen(steps, context) }, signal));
}

/** Says of what could not be put behind a sign-on that anybody still gets in. */
function tellingOpen(steps: readonly StepOf<'traefik'>[], context: EnsureContext): EnsureContext {
  if (context.phase === 'unwind') return context;
  const gaining = new Map(steps.filter(gainsSignOn).map((step) => [step.id, step]));
  return {
    ...context,
    report(id, result) {
      const step = gaining.get(id);
      context.report(id, result.ok || step === undefined ? result : withOpen(result, step));
    },
  };
}

function withOpen(result: StepResult & { readonly ok: false }, { before, service }: StepOf<'traefik'>) {
  const { problem, touched } = result;
  const names = before?.hostnames ?? [];
  // What somebody else wrote meanwhile may have a sign-on of its own.
  const is = touched || problem.code === 'conflict' ? 'may still be' : 'is still';
  const open = `${names.length > 0 ? names.join(', ') : service} ${is} reachable without sign-on, as before.`;
  const hint = problem.hint === undefined ? open : `${open} ${problem.hint}`;
  return { ...result, problem: { ...problem, hint } };
}

interface Bench {
  readonly host: RemoteHost;
  readonly context: EnsureContext;
}

async function ensureBatch(
  steps: readonly StepOf<'traefik'>[],
  bench: Bench,
  signal: AbortSignal,
): Promise<void> {
  const { report, phase } = bench.context;
  const prepared = await prepare(steps, bench, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    for (const { id } of steps) report(id, { ok: false, problem: toProblem(error), touched: false });
    return [];
  });
  for (const one of prepared)
    if (one.kind === 'failed') report(one.step.id, { ok: false, problem: one.problem, touched: false });
  const written = await write(
    prepared.flatMap((one) => (one.kind === 'write' ? [one.job] : [])),
    bench,
    signal,
  );
  const there = prepared.flatMap((one) => (one.kind === 'there' ? [one.job] : []));
  // Half done before: what is there may still have to be taken. On the way back there is nothing more to do.
  if (phase === 'unwind')
    for (const { step, path } of there) report(step.id, { ok: true, did: [`${path} is as it was`] });
  const open = [...written, ...(phase === 'unwind' ? [] : there)];
  if (open.length === 0) return;
  const verdicts = await prove(open, bench, signal);
  await settle(verdicts, new Set(written), bench);
}

/** Answers with the jobs whose files are as they have to be now; reports the others. */
async function write(jobs: readonly Job[], bench: Bench, signal: AbortSignal): Promise<readonly Job[]> {
  if (jobs.length === 0) return [];
  const { host, context } = bench;
  try {
    const answers = await writeHostFiles(
      host,
      {
        writes: jobs.map(({ path, now, want }) => ({ path, expected: hashOf(now), text: want })),
        container: containerOf(bench),
      },
      signal,
    );
    return jobs.filter(({ step, path }) => {
      if (answers.get(path) === 'written') return true;
      context.report(step.id, { ok: false, problem: movedProblem(path, host), touched: false });
      return false;
    });
  } catch (error) {
    signal.throwIfAborted();
    return afterFailure(jobs, { ...bench, problem: toProblem(error) }, signal);
  }
}

/** Some may have been written before it failed: what is there now tells. */
async function afterFailure(
  jobs: readonly Job[],
  { host, context, problem }: Bench & { readonly problem: Problem },
  signal: AbortSignal,
): Promise<readonly Job[]> {
  const texts = await readHostFiles(host, { files: jobs.map(({ path }) => path) }, signal).catch(() => null);
  return jobs.filter(({ step, path, now, want }) => {
    const found = texts?.get(path) ?? null;
    if (texts !== null && found === want) return true;
    context.report(step.id, { ok: false, problem, touched: texts === null || found !== now });
    return false;
  });
}

async function settle(verdicts: readonly Verdict[], written: ReadonlySet<Job>, bench: Bench): Promise<void> {
  const { report, phase } = bench.context;
  const bad: { readonly job: Job; readonly problem: Problem }[] = [];
  for (const { job, problem, proof } of verdicts) {
    const isWritten = written.has(job);
    const did = isWritten
      ? `${job.want === null ? 'removed' : 'wrote'} ${job.path}`
      : `${job.path} was ${job.want === null ? 'gone' : 'written'} already`;
    if (problem === null) report(job.step.id, { ok: true, did: [did, proof] });
    // What is put back stays: leaving the new file there would be no better.
    else if (
      isWritten &&
      phase === 'forward' &&
      (job.generated || job.want === null || gainsSignOn(job.step))
    )
      bad.push({ job, problem });
    else report(job.step.id, { ok: false, problem, touched: isWritten });
  }
  if (bad.length > 0) await putBack(bad, bench);
}

/** The files as they were, at once, also when the deployment is being stopped: while a bad one is there, nobody's change is taken. */
async function putBack(
  bad: readonly { readonly job: Job; readonly problem: Problem }[],
  bench: Bench,
): Promise<void> {
  const { host, context } = bench;
  const calm = new AbortController().signal;
  const answers = await writeHostFiles(
    host,
    {
      writes: bad.map(({ job: { path, now, want } }) => ({ path, expected: hashOf(want), text: now })),
      container: containerOf(bench),
    },
    calm,
  ).catch((error: unknown) => {
    context.ports.log.warn({ host: host.entry.name, problem: toProblem(error) }, 'route files not put back');
    return new Map<string, string>();
  });
  for (const { job, problem } of bad) {
    const back = answers.get(job.path) === 'written';
    const outcome = back ? 'The file is as it was before.' : `${job.path} could not be put back.`;
    const message = `${problem.message} ${outcome}`;
    context.report(job.step.id, { ok: false, problem: { ...problem, message }, touched: !back });
  }
}

function containerOf({ host, context }: Bench): string | null {
  const system: TraefikSystem | null = context.scope.inventory.systems.traefik;
  return system !== null && system.host === host.entry.name ? system.container : null;
}

function hashOf(text: string | null): string | null {
  return text === null ? null : sha256(text);
}
