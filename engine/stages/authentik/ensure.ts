import pLimit from 'p-limit';
import type { EnsureContext, StepResult } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { StepOf } from '../../types.ts';

/** As many applications are changed at once; the outpost's list is written one after the other all the same. */
const atOnce = 4;

/** Makes the applications of one server as the steps say; one that fails is put back and keeps none of the others. */
export async function ensureAuthentik(
  steps: readonly StepOf<'authentik'>[],
  context: EnsureContext,
  signal: AbortSignal,
): Promise<void> {
  const limit = pLimit(atOnce);
  await Promise.all(
    steps.map((step) =>
      limit(async () => {
        context.report(step.id, await ensureOne(step, context, signal));
      }),
    ),
  );
}

async function ensureOne(
  step: StepOf<'authentik'>,
  context: EnsureContext,
  signal: AbortSignal,
): Promise<StepResult> {
  const system = context.scope.inventory.systems.authentik;
  if (system === null)
    return {
      ok: false,
      touched: false,
      problem: {
        code: 'configuration-invalid',
        message: `sentinel.yml names no Authentik, so ${step.target} cannot be changed.`,
        hint: 'Add `systems.authentik` to sentinel.yml.',
      },
    };
  try {
    signal.throwIfAborted();
    const { before, after, service } = step;
    const done = await context.ports.systems.signOn(system).ensure({ before, after, service }, signal);
    return done.ok ? done : { ...done, problem: explained(done.problem, step, context) };
  } catch (error) {
    return { ok: false, problem: explained(toProblem(error), step, context), touched: false };
  }
}

/** A protected service is closed until Authentik knows it: its route asks for a login from the start. */
function explained(
  problem: Problem,
  { service, after }: StepOf<'authentik'>,
  context: EnsureContext,
): Problem {
  const scoped = context.scope.services.find(({ name }) => name === service);
  const guarded =
    after !== null && after.provider?.kind !== 'oidc' && (scoped?.service.route ?? null) !== null;
  if (!guarded || context.phase === 'unwind') return problem;
  const closed = `${service} stays closed until this is done: its route asks Authentik first. Then deploy it again.`;
  return { ...problem, hint: problem.hint === undefined ? closed : `${problem.hint} ${closed}` };
}
