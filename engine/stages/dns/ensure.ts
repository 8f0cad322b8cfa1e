import type { EnsureContext, StepResult } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { DnsChange, DnsChanged, DnsEntry, DnsProvider } from '../../system-ports/dns.ts';
import type { StepOf } from '../../types.ts';
import { awaitAnswers } from './await-answers.ts';

type RecordStep = StepOf<'dns'>;

/** Changes all names in one go, asks the server itself for each, and puts back what it does not answer rightly. */
export async function ensureRecords(
  steps: readonly RecordStep[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const open = new Set(steps.map(({ id }) => id));
  const report = (id: string, result: StepResult): void => {
    if (open.delete(id)) context.report(id, result);
  };
  let touched = false;
  try {
    const provider = providerOf(context);
    const found = await provider.list(signal);
    const jobs = steps.map((step) => ({ step, change: changeOf(step, found) }));
    const isChange = jobs.some(({ change }) => !isNothing(change));
    // What it throws, it throws before anything is written.
    const changed = isChange
      ? await provider.change(
          jobs.map(({ change }) => change),
          signal,
        )
      : jobs.map((): DnsChanged => ({ ok: true, did: [] }));
    touched = isChange;
    const made: Made[] = [];
    for (const [index, { step, change }] of jobs.entries()) {
      const result = changed[index];
      if (result?.ok === true) made.push({ step, change, did: result.did });
      else if (result !== undefined) report(step.id, result);
    }
    await prove(made, { provider, context, report }, signal);
  } catch (error) {
    for (const id of [...open]) report(id, { ok: false, problem: toProblem(error), touched });
  }
}

function providerOf({ scope, ports }: EnsureContext): DnsProvider {
  const system = scope.inventory.systems.dns;
  if (system !== null) return ports.systems.dns(system);
  throw new ProblemError({
    code: 'system-rejected',
    message: 'sentinel.yml names no DNS server any more.',
    hint: 'Put it back into sentinel.yml, or change the record by hand.',
  });
}

/** Everything wanted is asked for again, so that a step that was left half-way is finished. */
function changeOf({ target, before, after }: RecordStep, found: readonly DnsEntry[]): DnsChange {
  const wanted = after?.entries ?? [];
  const texts = new Set(found.map(({ text }) => text));
  return {
    name: target,
    remove: (before?.entries ?? []).filter((text) => texts.has(text) && !wanted.includes(text)),
    add: wanted.filter((text) => !texts.has(text)),
  };
}

const isNothing = ({ add, remove }: DnsChange): boolean => add.length === 0 && remove.length === 0;

interface Made {
  readonly step: RecordStep;
  /** What had to be done, so that turned round it leads to what was found. */
  readonly change: DnsChange;
  readonly did: readonly string[];
}
interface Proving {
  readonly provider: DnsProvider;
  readonly context: EnsureContext;
  readonly report: EnsureContext['report'];
}

async function prove(made: readonly Made[], { provider, context, report }: Proving, signal: AbortSignal) {
  // What is as it was before we came need not answer better than it did then.
  const untouched = made.filter(({ change }) => context.phase === 'unwind' && isNothing(change));
  for (const { step } of untouched) report(step.id, { ok: true, did: ['nothing to put back'] });
  const asked = made.filter((each) => !untouched.includes(each));
  const wrong = await awaitAnswers(
    asked.map(({ step }) => step),
    { provider, clock: context.ports.clock },
    signal,
  );
  for (const { step, did } of asked)
    if (!wrong.has(step.id)) report(step.id, { ok: true, did: [...did, answered(step)] });
  const failed = asked.filter(({ step }) => wrong.has(step.id));
  // On the way back, turning it round would write what is just being undone.
  const isBack = context.phase === 'unwind';
  const left = isBack ? new Set<string>() : await putBack(failed, provider, signal);
  for (const { step } of failed) {
    const problem = wrong.get(step.id);
    if (problem === undefined) continue;
    if (isBack) {
      report(step.id, { ok: false, problem: asBefore(problem), touched: true });
      continue;
    }
    const touched = left.has(step.id);
    report(step.id, { ok: false, problem: touched ? withRest(problem, provider.name) : problem, touched });
  }
}

function answered({ target, after }: RecordStep): string {
  return after === null ? `${target} no longer answers` : `${target} answers ${after.addresses.join(', ')}`;
}

/** The steps of which something could not be put back. */
async function putBack(
  failed: readonly Made[],
  provider: DnsProvider,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const jobs = failed.filter(({ change }) => !isNothing(change));
  if (jobs.length === 0) return new Set();
  const ids = jobs.map(({ step }) => step.id);
  try {
    const changes = jobs.map(({ change: { name, add, remove } }) => ({ name, add: remove, remove: add }));
    const results = await provider.change(changes, signal);
    return new Set(ids.filter((_, index) => results[index]?.ok !== true));
  } catch {
    return new Set(ids);
  }
}

const asBefore = (problem: Problem): Problem => ({
  ...problem,
  message: `${problem.message} The entries are as they were before the deployment.`,
});

function withRest(problem: Problem, name: string): Problem {
  const advice = `The new entry could not be taken back: look at the records of ${name}.`;
  return { ...problem, hint: problem.hint === undefined ? advice : `${problem.hint} ${advice}` };
}
