import type { LabJob, LabPipeline, LabStatus } from '../../gitlab/ci/types.ts';
import type { LabProject } from '../../gitlab/lab-project.ts';
import type { RowView, SystemView } from '../../page/view.ts';

/** The newest pipeline job by job, and how those before it ended. */
export function lookAtPipelines(
  project: Pick<LabProject, 'state'>,
  { isOn, played }: { readonly isOn: boolean; readonly played: boolean },
): SystemView {
  const pipelines = project.state.ci.pipelines().slice(0, 4);
  const rows = pipelines.flatMap((pipeline, index) => [
    headingOf(pipeline),
    ...(index === 0 ? pipeline.jobs.filter(({ retried }) => !retried).map(jobOf) : []),
  ]);
  return {
    ...{ id: 'pipelines', name: 'GitLab CI (staging)', kind: 'pipeline', state: isOn ? 'up' : 'down' },
    empty: isOn ? emptyBecause(played) : 'It does not answer.',
    rows: isOn ? rows : [],
  };
}

const emptyBecause = (played: boolean): string =>
  played
    ? 'No pipeline yet: a deployment to staging starts one.'
    : 'Jobs are played with rsync, which this machine does not have: Sentinel deploys to staging itself.';

function headingOf({ id, branch, status, by, problem }: LabPipeline): RowView {
  return {
    ...{ key: `pipeline ${id}`, text: `Pipeline ${id} · ${status}`, tone: toneOf(status) },
    detail: problem ?? `${branch}, by ${by.name}`,
  };
}

function jobOf({ pipeline, name, stage, status }: LabJob): RowView {
  return {
    ...{ key: `pipeline ${pipeline}/${name}`, text: `${name} · ${status}` },
    ...{ detail: `stage ${stage}`, tone: toneOf(status) },
  };
}

function toneOf(status: LabStatus): RowView['tone'] {
  switch (status) {
    case 'success':
      return 'good';
    case 'failed':
      return 'bad';
    case 'waiting_for_resource':
    case 'pending':
    case 'running':
    case 'canceling':
      return 'busy';
    case 'created':
    case 'scheduled':
    case 'canceled':
    case 'skipped':
    case 'manual':
      return 'plain';
  }
}
