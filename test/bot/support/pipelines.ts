import type { Happening, JobState, PipelineStatus, PipelineSummary } from '../../../engine/index.ts';

const project = 'https://gitlab.home.lan/homelab/services';

export function summaryOf(change: Partial<PipelineSummary> = {}): PipelineSummary {
  return {
    ...{ id: 812, url: `${project}/-/pipelines/812`, commit: '3f2a1c9d'.repeat(5), branch: 'main' },
    ...{ status: 'running', source: 'api', createdAt: '2026-03-01T10:00:00.000Z', by: null },
    ...change,
  };
}
export const pipeline = (status: PipelineStatus, change: Partial<PipelineSummary> = {}): Happening => ({
  type: 'pipeline',
  pipeline: summaryOf({ status, ...change }),
});

const ended: readonly PipelineStatus[] = ['success', 'failed', 'canceled'];

/** `deploy deploy_containers success`, eleven seconds long. */
export function jobOf(
  stage: string,
  name: string,
  status: PipelineStatus,
  change: Partial<JobState> = {},
): JobState {
  const id =
    change.id ?? Array.from(name).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 100_000;
  return {
    ...{ id, name, stage, status, allowFailure: false, url: `${project}/-/jobs/${id}`, failure: null },
    startedAt: status === 'running' || ended.includes(status) ? '2026-03-01T10:00:00.000Z' : null,
    finishedAt: ended.includes(status) ? '2026-03-01T10:00:11.000Z' : null,
    ...change,
  };
}
export const job = (
  stage: string,
  name: string,
  status: PipelineStatus,
  change: Partial<JobState> & { readonly log?: string } = {},
): Happening => {
  const { log = null, ...state } = change;
  return { type: 'job', job: jobOf(stage, name, status, state), log };
};

export const optional = { allowFailure: true } as const;

/** A pipeline with a gate, up to the moment at which it waits. */
export const untilGate: readonly Happening[] = [
  { type: 'git', action: 'pushing', commit: null, branch: 'main', problem: null },
  {
    ...{ type: 'git', action: 'pushed', commit: '3f2a1c9d'.repeat(5), branch: 'main', problem: null },
    url: `${project}/-/commit/3f2a1c9d`,
  },
  pipeline('waiting'),
  job('detect', 'detect', 'running'),
  job('validate', 'validate:schema', 'waiting'),
  job('validate', 'validate:compose', 'waiting'),
  job('approve', 'approve_deploy', 'waiting'),
  job('deploy', 'deploy', 'waiting'),
  job('dns', 'dns', 'waiting', optional),
  job('rollback', 'rollback', 'manual', optional),
  pipeline('running'),
  job('detect', 'detect', 'success'),
  job('validate', 'validate:schema', 'running'),
  job('validate', 'validate:compose', 'running'),
  job('validate', 'validate:schema', 'success'),
  job('validate', 'validate:compose', 'success'),
  job('approve', 'approve_deploy', 'manual'),
  pipeline('manual'),
];
export const gate = (proposal: string | null): Happening => ({
  type: 'gate',
  job: { id: jobOf('approve', 'approve_deploy', 'manual').id, name: 'approve_deploy' },
  proposal,
});
export const played = (approvedBy: readonly string[]): Happening => ({
  type: 'job-played',
  job: { id: jobOf('approve', 'approve_deploy', 'manual').id, name: 'approve_deploy' },
  approvedBy,
  problem: null,
});
export const afterGate: readonly Happening[] = [
  pipeline('running'),
  job('approve', 'approve_deploy', 'success'),
  job('deploy', 'deploy', 'running'),
  job('deploy', 'deploy', 'success'),
  job('dns', 'dns', 'failed', {
    ...optional,
    failure: 'script_failure',
    log: 'adding grafana.home.lan\nPi-hole does not answer',
  }),
  pipeline('success'),
  {
    ...{ type: 'finished', outcome: 'degraded', services: { grafana: 'degraded' }, problem: null },
  },
];
