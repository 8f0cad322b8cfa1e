import { expect, test } from 'vitest';
import { createPipelines } from '../../../../engine/providers/gitlab/pipelines.ts';
import { startCi } from '../../../../lab/gitlab/ci/start-ci.ts';
import { eventually } from '../../../eventually.ts';
import { openLab } from '../../../lab/gitlab/support.ts';
import { idle } from '../git/scratch.ts';
import { clientOf, publicationOf, repositoryOf, valueOf } from './support.ts';

const pipelineFile = `
stages: [plan, deploy]
plan_deployment:
  stage: plan
  script:
    - echo "{\\"of\\":\\"$CI_COMMIT_SHA\\"}" > plan.json
  artifacts:
    paths: [plan.json]
deploy:
  stage: deploy
  when: manual
  allow_failure: false
  script:
    - echo "approved by $SENTINEL_APPROVED_BY"
    - exit 3
`;

test('a published change runs its pipeline: the plan is read, the gate is played, the failure is told', async () => {
  const opened = await openLab({ ci: startCi });
  const gitlab = clientOf(opened);
  const { repository } = repositoryOf(opened, gitlab, {});
  const pipelines = createPipelines({ gitlab, project: 'homelab/services' });
  const files = { '.gitlab-ci.yml': pipelineFile };
  const { commit } = valueOf(await repository.publish(await publicationOf(repository, { files }), idle()));

  const found = await eventually(async () => (await pipelines.ofCommit(commit, idle()))[0]);
  const atStatus = (status: string) =>
    eventually(async () => {
      const state = await pipelines.read(found.id, idle());
      return state.status === status && state;
    }, status);
  const waiting = await atStatus('manual');
  const [plan, gate] = waiting.jobs;
  expect(gate).toMatchObject({ name: 'deploy', status: 'manual', allowFailure: false });
  const artifact = await pipelines.artifact({ job: plan!.id, path: 'plan.json' }, idle());
  expect(JSON.parse(artifact ?? '')).toEqual({ of: commit });

  const variables = { SENTINEL_APPROVED_BY: 'Ben' };
  expect(valueOf(await pipelines.play({ job: gate!.id, variables }, idle()))).toEqual({ played: true });
  const failed = await atStatus('failed');
  expect(failed.jobs[1]).toMatchObject({ status: 'failed', failure: 'script_failure' });
  const log = await pipelines.log(gate!.id, idle());
  expect(log).toContain('approved by Ben');
  expect(log).not.toMatch(/section_(?:start|end)|[^\P{Cc}\n\t]/u);
}, 60_000);
