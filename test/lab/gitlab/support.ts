import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gitlab } from '@gitbeaker/rest';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { type GitlabOptions, startGitlab } from '../../../lab/gitlab/start-gitlab.ts';
import { createHandCis } from './hand-ci.ts';

export const files = {
  'services/media/jellyfin.yml': 'name: jellyfin\nimage: jellyfin:10.9\n',
  'README.md': '# Homelab\n',
  '.gitlab-ci.yml': 'deploy:\n  script: echo\n',
};

/** A GitLab with one project, a maintainer, a developer, a reporter and somebody who may see nothing. */
export async function openLab(options: Partial<GitlabOptions> & { readonly tolerant?: boolean } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'gitlab-'));
  const cis = createHandCis(async (repository, commit) => {
    const { exitCode } = await execa('git', ['cat-file', '-e', `${commit}:.gitlab-ci.yml`], {
      cwd: repository,
      reject: false,
    });
    return exitCode === 0;
  });
  const lab = await startGitlab({ directory, ci: cis.start, ...options });
  onTestFinished(async () => {
    await lab.close().catch((error: unknown) => {
      if (options.tolerant !== true) throw error;
    });
    await rm(directory, { recursive: true, force: true });
  });
  const users = {
    maya: lab.addUser({ username: 'maya', name: 'Maya Maintainer', role: 'maintainer' }),
    dev: lab.addUser({ username: 'dev', name: 'Dev Eloper' }),
    rae: lab.addUser({ username: 'rae', role: 'reporter' }),
    stranger: lab.addUser({ username: 'stranger', role: 'none' }),
  };
  const project = await lab.createProject({ path: 'homelab/services', files });
  const tokens = Object.fromEntries(Object.keys(users).map((name) => [name, lab.addToken(name)])) as Record<
    keyof typeof users,
    string
  >;
  return {
    ...{ lab, project, users, tokens, directory },
    ci: cis.made[0]!,
    /** The client the product uses. */
    client: (name: keyof typeof users = 'maya') => new Gitlab({ host: lab.url, token: tokens[name] }),
    /** Plain fetch below `/api/v4/projects/homelab%2Fservices`; `//` starts below `/api/v4`. */
    ask: async (line: string, body?: object, name: keyof typeof users = 'maya') => {
      const [method = 'GET', path = ''] = line.split(' ');
      const base = `${lab.url}/api/v4`;
      const url = path.startsWith('//')
        ? `${base}${path.slice(1)}`
        : `${base}/projects/homelab%2Fservices${path}`;
      const response = await fetch(url, {
        method,
        headers: { 'private-token': tokens[name], 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const json: unknown =
        response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text;
      return { status: response.status, headers: response.headers, body: json };
    },
  };
}
