import { checkSecrets } from '../definitions/index.ts';
import { createStepRecord, keepHoldings } from '../holdings/index.ts';
import { newId } from '../ids.ts';
import { renderLivePlan } from '../plan-text.ts';
import { makePlan, type PlanFrame } from '../planner.ts';
import { ProblemError, toProblem, type Problem } from '../problems.ts';
import { walk, type RunResult } from '../runner.ts';
import { stages } from '../stages/index.ts';
import { createStory } from '../story.ts';
import type { PlanFile } from '../../schema/index.ts';
import type { Plan, Step } from '../types.ts';
import { movedFrom, stale } from './agreed-plan.ts';
import { DefinitionProblems } from './subject.ts';
import { inCi, type Desk } from './desk.ts';
import { lockHosts } from './host-locks.ts';
import { createProgress } from './progress.ts';
import { usageError } from './run.ts';
import { heldNow } from './scope.ts';

/** What a command does: the whole plan of its scope, of which it takes its part. */
export interface Deed {
  readonly command: string;
  readonly frame: PlanFrame;
  /** Services it is about; others are in the scope because the plan was made for them too. */
  readonly services: ReadonlySet<string>;
  readonly part: (step: Step) => boolean;
  /** What was agreed to; null: a person is asked, or nobody has to be. */
  readonly agreed: PlanFile | null;
  readonly yes: boolean;
  readonly waitSeconds: number;
}
export interface Done extends RunResult {
  readonly deployment: string | null;
  /** Of the plan that was agreed to before; null where there was none. */
  readonly digest: string | null;
}

/** Plans, lets a person agree where nobody has, locks, plans again, and does exactly that. */
export async function act(deed: Deed, desk: Desk, signal: AbortSignal): Promise<Done> {
  requireSecrets(deed, desk);
  let agreed = deed.agreed;
  if (agreed === null) {
    const shown = await planPart(deed, desk, signal);
    if (shown.steps.length > 0) await agree(deed, { shown, desk });
    agreed = shown;
  }
  const deployment = newId('d');
  const { command, waitSeconds, frame } = deed;
  const scope = {
    ...frame.scope,
    services: frame.scope.services.filter(({ name }) => deed.services.has(name)),
  };
  const locks = await lockHosts(scope, { desk, deployment, command, waitSeconds }, signal);
  try {
    // Again, as what was seen before could change until nobody else may change it.
    const held = await heldNow(frame.scope, { environment: frame.environment, ports: desk.live }, signal);
    const now = { ...deed, frame: { ...frame, scope: held } };
    const plan = await planPart(now, desk, signal);
    const moved = movedFrom(agreed, plan);
    if (moved.length > 0) throw new ProblemError(stale(moved));
    return await perform({ deed: now, plan, deployment, lost: locks.lost }, desk, signal);
  } finally {
    await locks.release();
  }
}

/** The whole is planned, so that it is the plan people saw; the part that is not ours is left out. */
async function planPart({ frame, services, part }: Deed, desk: Desk, signal: AbortSignal): Promise<Plan> {
  const made = await makePlan(frame, desk.live, signal);
  if (!made.ok) throw new DefinitionProblems(made.problems);
  const plan = made.value;
  return {
    ...plan,
    services: plan.services.filter(({ name }) => services.has(name)),
    steps: plan.steps.filter((step) => services.has(step.service) && part(step)),
    risks: plan.risks.filter(({ service }) => service === '' || services.has(service)),
  };
}

async function agree(
  { yes }: Deed,
  { shown, desk }: { readonly shown: Plan; readonly desk: Desk },
): Promise<void> {
  const { cli } = desk;
  cli.out(renderLivePlan(shown));
  if (yes || inCi(cli)) return;
  if (cli.ask === null) throw usageError('nobody is there to ask; look at `sentinel plan`, then say --yes');
  if (await cli.ask.confirm('Go ahead?')) return;
  throw new ProblemError({ code: 'cancelled', message: 'Nothing was touched: you said no.' });
}

interface Performance {
  readonly deed: Deed;
  readonly plan: Plan;
  readonly deployment: string;
  readonly lost: AbortSignal;
}

async function perform(
  { deed, plan, deployment, lost }: Performance,
  desk: Desk,
  signal: AbortSignal,
): Promise<Done> {
  const { scope, environment } = deed.frame;
  const { live, cli } = desk;
  const record = createStepRecord(plan);
  const progress = createProgress(plan, cli);
  if (plan.steps.length === 0) cli.out('Nothing to do: everything is as it should be.\n');
  const story = createStory({
    deployment,
    firstSeq: 1,
    now: () => live.clock.now(),
    emit(event) {
      record.note(event);
      progress.note(event);
    },
    onBroken: () => undefined,
  });
  const stop = AbortSignal.any([signal, lost]);
  const result = await walk({ plan, scope, stages, ports: live, story, deployment, signal: stop, lost });
  progress.end();
  if (!lost.aborted) {
    const unkept = await keepHoldings({ scope, environment, deployment, taken: record.taken() }, live);
    for (const { message } of unkept)
      cli.err(`What is ours on the systems around could not be written down: ${message}\n`);
  }
  return { ...result, deployment, digest: deed.agreed?.digest ?? null };
}

function requireSecrets({ frame }: Deed, { live }: Desk): void {
  const wanted = frame.scope.services.flatMap(({ want, service }) => (want === 'present' ? [service] : []));
  const missing = checkSecrets(wanted, (name) => live.secrets.has(name));
  if (missing.length > 0) throw new DefinitionProblems(missing);
}

/** What came of a command that ended before anything was run. */
export function notDone(error: unknown, services: Iterable<string>): Done {
  const problem: Problem = error instanceof DefinitionProblems ? firstOf(error) : toProblem(error);
  const outcome = problem.code === 'cancelled' ? 'cancelled' : 'failed';
  return {
    outcome,
    services: Object.fromEntries([...services].map((name) => [name, outcome])),
    problem,
    undone: true,
    deployment: null,
    digest: null,
  };
}

function firstOf({ problems, message }: DefinitionProblems): Problem {
  return problems[0] ?? { code: 'unexpected', message };
}
