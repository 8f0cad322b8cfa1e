import type { JobState, PipelineState } from '../forge-port.ts';

/*
 * What a job is for is known by how it is called: `deploy_containers`, `deploy:container`, `deploy:production`. Where
 * no job is called like that, the stage tells.
 */
const deploys = /^deploy/i;
const changesHosts = /^(deploy|remove)/i;

/** Pure: whether a job is the one the plan of its pipeline is about. */
export function isDeployGate({ jobs }: PipelineState, { name, stage }: JobState): boolean {
  return deploys.test(name) || (deploys.test(stage) && !jobs.some((job) => deploys.test(job.name)));
}

/** Pure: whether a job ran that changes what runs on the hosts. */
export function deployed(jobs: Iterable<JobState>): boolean {
  return [...jobs].some(
    ({ name, stage, startedAt }) =>
      startedAt !== null && (changesHosts.test(name) || changesHosts.test(stage)),
  );
}
