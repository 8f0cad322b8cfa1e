import type { JobState } from '../forge-port.ts';
import type { Problem } from '../problems.ts';
import type { Result } from '../types.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import type { GatePlan } from './gate-plan.ts';

/** Lets a manual job run, bound to the plan people agreed to. A problem where somebody else let it run before. */
export async function playJob(
  following: Following,
  {
    job,
    gate: { digest },
    approvedBy,
  }: { readonly job: JobState; readonly gate: GatePlan; readonly approvedBy: readonly string[] },
): Promise<Result<void>> {
  const variables = {
    ...(digest === null ? {} : { SENTINEL_PLAN_DIGEST: digest }),
    SENTINEL_APPROVED_BY: approvedBy.join(', '),
  };
  const played = await following.pipelines.play({ job: job.id, variables }, callSignal(following));
  if (!played.ok) return played;
  return played.value.played ? { ok: true, value: undefined } : { ok: false, problems: [noLonger(job)] };
}

export const noLonger = ({ name }: Pick<JobState, 'name'>): Problem => ({
  code: 'already-decided',
  message: `The job ${name} no longer waits: somebody let it run in GitLab, or its pipeline was stopped.`,
});

export function refusedBy({ problems }: { readonly problems: readonly Problem[] }): Problem {
  return (
    problems[0] ?? { code: 'job-refused', message: 'GitLab would not start the job and did not say why.' }
  );
}
