import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gitlab } from '@gitbeaker/rest';
import { expect, onTestFinished, test } from 'vitest';
import { startGitlab } from '../../../lab/gitlab/start-gitlab.ts';
import { eventually } from '../../eventually.ts';

const pipelineFile = `
stages: [plan, deploy]
plan_deployment:
  stage: plan
  script:
    - echo "{\\"of\\":\\"$CI_COMMIT_SHA\\",\\"by\\":\\"$DNS_SYSTEM\\"}" > plan.json
  artifacts:
    paths: [plan.json]
deploy:
  stage: deploy
  when: manual
  allow_failure: false
  script:
    - cat plan.json
    - echo "approved by $SENTINEL_APPROVED_BY"
`;

test('a commit through the API runs its pipeline, which waits at the gate until the manual job is played', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gitlab-'));
  const lab = await startGitlab({ directory });
  onTestFinished(async () => {
    await lab.close();
    await rm(directory, { recursive: true, force: true });
  });
  lab.addUser({ username: 'maya', name: 'Maya Maintainer', role: 'maintainer' });
  const client = new Gitlab({ host: lab.url, token: lab.addToken('maya') });
  const project = await lab.createProject({
    path: 'homelab/services',
    files: { 'README.md': '# Homelab\n' },
  });
  project.addVariable({ key: 'DNS_SYSTEM', value: 'pi' });

  const commit = await client.Commits.create(project.id, 'main', 'ci: begin', [
    { action: 'create', filePath: '.gitlab-ci.yml', content: pipelineFile },
  ]);
  const pipeline = await eventually(async () => {
    const [found] = await client.Pipelines.all(project.id, { sha: commit.id });
    return found?.status === 'manual' && found;
  });
  const jobs = await client.Jobs.all(project.id, { pipelineId: pipeline.id });
  const plan = jobs.find(({ name }) => name === 'plan_deployment')!;
  const gate = jobs.find(({ name }) => name === 'deploy')!;
  const artifact = await client.JobArtifacts.downloadArchive(project.id, {
    ...{ jobId: plan.id, artifactPath: 'plan.json' },
  });
  expect(JSON.parse(await artifact.text())).toEqual({ of: commit.id, by: 'pi' });

  const jobVariablesAttributes = [{ key: 'SENTINEL_APPROVED_BY', value: 'ana' }];
  await client.Jobs.play(project.id, gate.id, { jobVariablesAttributes });
  await eventually(async () => {
    const { status } = await client.Pipelines.show(project.id, pipeline.id);
    return status === 'success';
  });
  expect(await client.Jobs.showLog(project.id, gate.id)).toContain('approved by ana');
});
