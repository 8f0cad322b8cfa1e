import type { EnsureContext, RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { GlanceSystem } from '../../types.ts';
import { type FileWrite, readHostFiles, writeHostFiles, type Written } from '../host-files/index.ts';
import type { Applied } from './apply-steps.ts';
import { checkConfiguration, refusal, refusedBack, type Verdict } from './check-configuration.ts';
import { comeUp } from './come-up.ts';
import type { Sources } from './compose.ts';
import { hashOf } from './entry-text.ts';

export interface Work {
  readonly host: RemoteHost;
  readonly system: GlanceSystem;
  readonly context: EnsureContext;
  readonly signal: AbortSignal;
}
export interface Outcome {
  readonly kind: 'written' | 'partly' | 'moved' | 'nothing';
  /** What has to be said besides. */
  readonly notes: readonly string[];
}
interface Edit {
  readonly sources: Sources;
  readonly writes: readonly FileWrite[];
  readonly keep: readonly string[];
}

/** Carries whether the files are other than they were found. */
export class PutError extends ProblemError {
  readonly touched: boolean;
  constructor(problem: Problem, touched: boolean) {
    super(problem);
    this.touched = touched;
  }
}

/** How long cleaning up may take, also when the deployment was stopped meanwhile. */
const calmMs = 60_000;
const asBefore = 'Its entries are as they were before the deployment all the same.';

/**
 * Checks, writes and sees Glance come up; puts back what was there when it does not. On the way back nothing that Glance
 * says keeps the old lines from being written, and they stay.
 */
export async function put(work: Work, sources: Sources, applied: Applied): Promise<Outcome> {
  const writes = differences(sources, applied.sources);
  if (writes.length === 0) return { kind: 'nothing', notes: [] };
  const { kind, words } = await check(work, applied.sources);
  const edit = { sources, writes, keep: applied.keep };
  const written = await write(work, edit);
  const done = writes.filter(({ path }) => written.get(path) === 'written').length;
  if (done < writes.length) return { kind: done === 0 ? 'moved' : 'partly', notes: [] };
  if (kind === 'stopped') return { kind: 'written', notes: ['Glance does not run, so it was not asked'] };
  if (kind === 'invalid') throw new PutError(refusedBack(work.system, { kind, words }), true);
  await seeItComeUp(work, edit);
  return { kind: 'written', notes: [] };
}

function differences(before: Sources, after: Sources): readonly FileWrite[] {
  return [...after.texts].flatMap(([path, text]) => {
    const was = before.texts.get(path);
    return was === text ? [] : [{ path, expected: was === undefined ? null : hashOf(was), text }];
  });
}

/** On the way forward only what Glance accepts is written; on the way back its verdict only says what to tell. */
async function check({ host, system, context, signal }: Work, sources: Sources): Promise<Verdict> {
  try {
    const verdict = await checkConfiguration(host, { system, sources }, signal);
    if (verdict.kind === 'valid' || context.phase === 'unwind') return verdict;
    throw new ProblemError(refusal(system, verdict));
  } catch (error) {
    if (context.phase === 'forward' || signal.aborted) throw error;
    context.ports.log.warn({ problem: toProblem(error) }, 'the dashboard could not be checked');
    return { kind: 'valid', words: '' };
  }
}

async function seeItComeUp(work: Work, edit: Edit): Promise<void> {
  const { host, system, context, signal } = work;
  const { ports, phase } = context;
  try {
    await comeUp(host, { system, ports }, signal);
  } catch (error) {
    const problem = toProblem(error);
    if (phase === 'unwind') throw new PutError(withWords(problem, asBefore), true);
    const isBack = await putBack(work, edit.sources, edit.writes);
    if (isBack)
      await comeUp(host, { system, ports }, AbortSignal.timeout(calmMs)).catch((again: unknown) =>
        ports.log.warn({ problem: toProblem(again) }, 'the dashboard does not come up as it was either'),
      );
    throw new PutError(withWords(problem, outcomeWords(system, isBack)), !isBack);
  }
}

async function write(work: Work, edit: Edit): Promise<ReadonlyMap<string, Written>> {
  const { host, system, signal } = work;
  const { writes, keep } = edit;
  try {
    return await writeHostFiles(host, { writes, keep, container: system.container }, signal);
  } catch (error) {
    return afterFailure(work, edit, toProblem(error));
  }
}

/** Some may have been written before it failed: what is there now tells. */
async function afterFailure(
  work: Work,
  { sources, writes }: Edit,
  problem: Problem,
): Promise<ReadonlyMap<string, Written>> {
  const { host, system, context, signal } = work;
  const files = writes.map(({ path }) => path);
  const now = await readHostFiles(host, { files }, AbortSignal.timeout(calmMs)).catch(() => null);
  if (now === null)
    throw new PutError(withWords(problem, `Whether ${system.config} was changed is not known.`), true);
  const has = (path: string, text: string | null): boolean => (now.get(path) ?? null) === text;
  const done = writes.filter(({ path, text }) => has(path, text));
  const same = writes.filter(({ path }) => has(path, sources.texts.get(path) ?? null));
  if (same.length === writes.length) throw new PutError(problem, false);
  if (context.phase === 'unwind') {
    if (done.length < writes.length || signal.aborted) throw new PutError(problem, true);
    return new Map(files.map((path) => [path, 'written']));
  }
  const isBack = (await putBack(work, sources, done)) && done.length + same.length === writes.length;
  throw new PutError(withWords(problem, outcomeWords(system, isBack)), !isBack);
}

/** Also when the deployment was stopped meanwhile: a broken dashboard is never left behind. */
async function putBack(
  { host, system, context: { ports } }: Work,
  sources: Sources,
  writes: readonly FileWrite[],
): Promise<boolean> {
  const back = writes.map(({ path, text }) => ({
    path,
    expected: hashOf(text ?? ''),
    text: sources.texts.get(path) ?? null,
  }));
  try {
    const writing = { writes: back, container: system.container };
    const written = await writeHostFiles(host, writing, AbortSignal.timeout(calmMs));
    return back.every(({ path }) => written.get(path) === 'written');
  } catch (error) {
    ports.log.error({ problem: toProblem(error) }, 'the dashboard could not be put back');
    return false;
  }
}

const outcomeWords = ({ config }: GlanceSystem, isBack: boolean): string =>
  isBack ? 'The file is as it was before.' : `${config} could not be put back: look at it.`;

const withWords = (problem: Problem, words: string): Problem => ({
  ...problem,
  message: `${problem.message} ${words}`,
});
