import type { Scope } from '../ports.ts';
import { redactProblem } from '../redact-problem.ts';
import type { StepResult } from '../stage-port.ts';
import { standingChecks, verification, verify, type Verified } from '../stages/verify/index.ts';
import type { StepOf } from '../types.ts';
import type { Desk } from './desk.ts';
import { createProgress } from './progress.ts';

export interface Checking {
  readonly scope: Scope;
  readonly deployment: string;
  readonly revision: string;
}
export type Checked = ReturnType<typeof verification>;

/** Makes all checks of the services that should stand, host by host at the same time. */
export async function checkServices(
  { scope, deployment, revision }: Checking,
  desk: Desk,
  signal: AbortSignal,
): Promise<readonly Checked[]> {
  const { live, cli } = desk;
  const steps = standingChecks(scope);
  const progress = createProgress({ steps }, cli);
  const results = new Map<string, StepResult>();
  let seq = 0;
  const about = () => ({
    deployment,
    seq: (seq += 1),
    at: live.clock.now().toISOString(),
    phase: 'forward' as const,
  });
  const report = (step: string, result: StepResult): void => {
    if (results.has(step)) return;
    const clean = result.ok ? result : { ...result, problem: redactProblem(result.problem, live.secrets) };
    results.set(step, clean);
    progress.note(
      clean.ok
        ? { ...about(), type: 'step-done', step, did: clean.did }
        : { ...about(), type: 'step-failed', step, problem: clean.problem, touched: clean.touched },
    );
  };
  const context = { ports: live, scope, deployment, revision, phase: 'forward' as const, report };
  for (const { id } of steps) progress.note({ ...about(), type: 'step-started', step: id });
  await Promise.all(bySystem(steps).map((batch) => verify.ensure(batch, context, signal)));
  progress.end();
  signal.throwIfAborted();
  return scope.services.map(({ name, service }) =>
    verification(
      service,
      steps
        .filter((step) => step.service === name)
        .map((step): Verified => ({ step, result: results.get(step.id) ?? null })),
    ),
  );
}

function bySystem(steps: readonly StepOf<'verify'>[]): readonly (readonly StepOf<'verify'>[])[] {
  const systems = [...new Set(steps.map(({ system }) => system))];
  return systems.map((system) => steps.filter((step) => step.system === system));
}
