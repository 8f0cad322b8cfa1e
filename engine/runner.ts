import type { Phase } from './events.ts';
import { dependentsOf, waves } from './order.ts';
import { isIn, stretches } from './phases.ts';
import type { EnsureContext, Ports, Scope, Stage, StepResult } from './ports.ts';
import { toProblem, type Problem } from './problems.ts';
import { redactProblem } from './redact-problem.ts';
import type { Story } from './story.ts';
import { reverse } from './swap.ts';
import type { Outcome, Plan, StageName, Step, StepOf } from './types.ts';
import { worst } from './worst.ts';

export interface Run {
  readonly plan: Plan;
  readonly scope: Scope;
  readonly stages: { readonly [S in StageName]: Stage<S> };
  readonly ports: Ports;
  readonly story: Story;
  readonly deployment: string;
  /** Aborting stops what runs and unwinds it. */
  readonly signal: AbortSignal;
  /** Aborts when somebody else holds the locks now: then nothing may be touched any more, not even to undo it. */
  readonly lost: AbortSignal;
}
export interface RunResult {
  readonly outcome: Outcome;
  readonly services: Readonly<Record<string, Outcome>>;
  /** The first thing that went wrong. */
  readonly problem: Problem | null;
  /** True when nothing new stands: every service is as it was before. */
  readonly undone: boolean;
}

/**
 * Walks a plan forwards, wave by wave and stage by stage, and back for services that fail.
 * One service's failure undoes that service and holds back what depends on it, never its neighbours.
 */
export async function walk(run: Run): Promise<RunResult> {
  const outcomes = new Map<string, Outcome>();
  // What could not even be asked is not as it should be, whatever the steps say.
  const degraded = new Set(
    run.plan.risks.filter(({ code }) => code === 'system-unasked').map(({ service }) => service),
  );
  const kept = new Set<string>();
  const executed: Step[] = [];
  /** Steps that failed before they changed anything. */
  const untouched = new Set<string>();
  let first: Problem | null = null;

  for (const wave of waves(run.plan.services)) {
    for (const stretch of stretches) {
      const alive = new Set(wave.map(({ name }) => name).filter((name) => !outcomes.has(name)));
      const steps = run.plan.steps.filter((step) => isIn(stretch, step) && alive.has(step.service));
      executed.push(...steps);
      const failures = await attempt(run, steps, 'forward');
      first ??= [...failures.values()][0]?.problem ?? null;
      await Promise.all([...failures].map(([id, failure]) => settle(stepById(steps, id), failure)));
    }
    for (const { name } of wave) if (!outcomes.has(name)) succeed(name);
  }
  const undone = kept.size === 0 && ![...outcomes.values()].includes('needs-attention');
  return {
    outcome: worst([...outcomes.values()]),
    services: Object.fromEntries(outcomes),
    problem: first,
    undone,
  };

  function succeed(service: string): void {
    kept.add(service);
    outcomes.set(service, degraded.has(service) ? 'degraded' : 'succeeded');
  }

  async function settle(step: Step, { problem, touched }: Failure): Promise<void> {
    const { service } = step;
    if (!touched) untouched.add(step.id);
    if (outcomes.has(service)) return; // another failure of this service is being dealt with
    // Somebody who stops a deployment wants nothing of it, also where only the systems around were left to do.
    if (onFailure(run, step) === 'degrade' && !run.signal.aborted) return void degraded.add(service);
    for (const dependent of dependentsOf(service, run.plan.services)) hold(dependent, service);
    if (step.stage === 'verify' && !run.scope.inventory.automaticRollback) {
      kept.add(service);
      return void outcomes.set(service, 'failed');
    }
    // Marked before the first await, so that no later stage of this service starts.
    outcomes.set(service, 'needs-attention');
    const reached = executed.filter((other) => other.service === service && !untouched.has(other.id));
    // Also where verify was never reached: what is put back has to prove itself.
    const checks = run.plan.steps.filter((other) => other.stage === 'verify' && other.service === service);
    const done = [...reached.filter(({ stage: name }) => name !== 'verify'), ...checks];
    outcomes.set(service, await unwind(run, { service, done, because: problem }));
  }

  function hold(service: string, because: string): void {
    if (outcomes.has(service)) return;
    outcomes.set(service, 'cancelled');
    for (const step of run.plan.steps)
      if (step.service === service)
        run.story.tell({
          type: 'step-skipped',
          step: step.id,
          phase: 'forward',
          because: `${because} did not succeed`,
        });
  }
}

function onFailure<S extends StageName>(run: Run, step: StepOf<S>): 'unwind' | 'degrade' {
  return run.stages[step.stage].onFailure(step);
}

interface Failure {
  readonly problem: Problem;
  readonly touched: boolean;
}

async function unwind(
  run: Run,
  {
    service,
    done,
    because,
  }: { readonly service: string; readonly done: readonly Step[]; readonly because: Problem },
): Promise<Outcome> {
  if (run.lost.aborted) return 'needs-attention';
  const back = reverse(done);
  const aborted = because.code === 'cancelled';
  if (!back.some(({ stage }) => stage !== 'verify')) return aborted ? 'cancelled' : 'failed';
  run.story.tell({ type: 'unwinding', service, steps: back, because });
  // A stopped deployment still cleans up after itself, so the way back does not listen to the same signal.
  const calm = { ...run, signal: new AbortController().signal };
  let clean = true;
  for (const step of back) {
    const failures = await attempt(calm, [step], 'unwind');
    // A name or route that does not answer although everything is as it was did not answer before either.
    const counts = step.stage !== 'verify' || onFailure(run, step) === 'unwind';
    if (failures.size > 0 && counts) clean = false; // keep going: undo all we can
  }
  if (!clean) return 'needs-attention';
  return aborted ? 'cancelled' : 'rolled-back';
}

/** Makes steps of one stage true, one `ensure` for each system, and returns the failures by step id. */
async function attempt(
  run: Run,
  steps: readonly Step[],
  phase: Phase,
): Promise<ReadonlyMap<string, Failure>> {
  const failures = new Map<string, Failure>();
  await Promise.all(bySystem(steps).map((batch) => attemptSystem(run, batch, { phase, failures })));
  if (run.story.broken !== null) throw run.story.broken;
  return failures;
}

async function attemptSystem(
  run: Run,
  batch: readonly Step[],
  { phase, failures }: { readonly phase: Phase; readonly failures: Map<string, Failure> },
): Promise<void> {
  const open = new Set(batch.map(({ id }) => id));
  const report = (id: string, result: StepResult): void => {
    if (!open.delete(id)) return;
    if (result.ok) {
      run.story.tell({ type: 'step-done', step: id, phase, did: result.did });
      return;
    }
    const problem = redactProblem(result.problem, run.ports.secrets);
    failures.set(id, { problem, touched: result.touched });
    run.story.tell({ type: 'step-failed', step: id, phase, problem, touched: result.touched });
  };
  const rest = (problem: Problem, touched: boolean): void => {
    for (const id of [...open]) report(id, { ok: false, problem, touched });
  };
  const [one] = batch;
  if (one === undefined) return;
  let started = false;
  try {
    run.signal.throwIfAborted();
    for (const { id } of batch) run.story.tell({ type: 'step-started', step: id, phase }); // before anything is touched
    started = true;
    const stage: Stage<StageName> = run.stages[one.stage];
    await stage.ensure(batch, contextOf(run, phase, report), run.signal);
    rest(
      {
        code: 'unexpected',
        message: `The ${one.stage} stage ended without saying what became of this step.`,
      },
      true,
    );
  } catch (error) {
    if (run.story.broken === null) rest(toProblem(error), started);
  }
}

function bySystem(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const group = groups.get(step.system);
    if (group === undefined) groups.set(step.system, [step]);
    else group.push(step);
  }
  return [...groups.values()];
}

function contextOf(run: Run, phase: Phase, report: EnsureContext['report']): EnsureContext {
  const { ports, scope, deployment, plan } = run;
  return { ports, scope, deployment, revision: plan.revision, phase, report };
}

function stepById(steps: readonly Step[], id: string): Step {
  const step = steps.find((candidate) => candidate.id === id);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step;
}
