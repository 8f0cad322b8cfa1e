import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startGitlab } from '../../../lab/gitlab/start-gitlab.ts';
import { eventually } from '../../eventually.ts';

const file = (ref = 'main', path = '/ci/deploy.yml', project = 'homelab/templates') =>
  `include:\n  - project: ${project}\n    file: ${path}\n    ref: ${ref}\nvariables: { WHO: grafana }\n`;

test('a pipeline includes files of another project, and those what is beside them', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gitlab-'));
  const lab = await startGitlab({ directory, concurrency: 0 });
  onTestFinished(async () => {
    await lab.close();
    await rm(directory, { recursive: true, force: true });
  });
  const by = lab.addUser({ username: 'maya', role: 'maintainer' });
  await lab.createProject({
    path: 'homelab/templates',
    files: {
      'ci/deploy.yml': 'include: /ci/base.yml\ndeploy: { extends: .base, script: [echo $WHO] }\n',
      'ci/base.yml': '.base: { tags: [homelab] }\n',
    },
  });
  const project = await lab.createProject({ path: 'homelab/grafana' });
  const pipelineOf = async (text: string) => {
    const commit = await project.push({ by, files: { '.gitlab-ci.yml': text }, message: 'ci: change' });
    return eventually(() => project.state.ci.pipelines().find((each) => each.commit === commit));
  };

  const made = await pipelineOf(file());
  expect(made.problem).toBeNull();
  expect(made.jobs.map(({ name }) => name)).toEqual(['deploy']);
  expect((await pipelineOf(file('next'))).problem).toBe(
    'Project `homelab/templates` reference `next` does not exist!',
  );
  expect((await pipelineOf(file('main', '/ci/gone.yml'))).problem).toBe(
    'Project `homelab/templates` file `ci/gone.yml` does not exist!',
  );
  expect((await pipelineOf(file('main', 'ci.yml', 'homelab/secret'))).problem).toMatch(
    /^Project `homelab\/secret` not found or access denied!/,
  );
});
