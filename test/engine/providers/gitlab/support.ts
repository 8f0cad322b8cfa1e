import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Clock, Publication, Repository } from '../../../../engine/ports.ts';
import { createGitlab, type Gitlab } from '../../../../engine/providers/gitlab/gitlab.ts';
import {
  createGitlabRepository,
  type GitlabRepositoryOptions,
} from '../../../../engine/providers/gitlab/repository.ts';
import type { Actor, Result } from '../../../../engine/types.ts';
import { openLab } from '../../../lab/gitlab/support.ts';
import { idle, silentLog } from '../git/scratch.ts';

export const ann: Actor = { id: 'discord:4711', name: 'Ann', roles: [] };
/** Waits as long as asked, but never long. */
export const quickClock: Clock = {
  now: () => new Date(),
  wait: (ms, signal) => setTimeout(Math.min(ms, 20), undefined, { signal }),
};
export type Lab = Awaited<ReturnType<typeof openLab>>;

/** GitLab on loopback, and what the product knows it by: a bot with the token of a maintainer. */
export async function openForge(options: Partial<GitlabRepositoryOptions> = {}) {
  const opened = await openLab();
  const gitlab = clientOf(opened);
  return { ...opened, gitlab, ...repositoryOf(opened, gitlab, options) };
}

export function clientOf({ lab, tokens }: Lab, user: keyof Lab['tokens'] = 'maya'): Gitlab {
  const gitlab = createGitlab({
    url: lab.url,
    token: () => tokens[user],
    ...{ ca: null, log: silentLog, clock: quickClock },
  });
  onTestFinished(() => gitlab.close());
  return gitlab;
}

export function repositoryOf({ directory }: Lab, gitlab: Gitlab, options: Partial<GitlabRepositoryOptions>) {
  const repository = createGitlabRepository({
    gitlab,
    project: 'homelab/services',
    name: 'services',
    mirrorDirectory: join(directory, 'mirror.git'),
    environments: {
      production: { branch: 'main', changes: 'commit' },
      reviewed: { branch: 'main', changes: 'merge-request' },
    },
    defaultEnvironment: 'production',
    log: silentLog,
    committer: { name: 'Sentinel', email: 'sentinel@home.example' },
    env: process.env,
    people: (actor) => (actor === 'discord:4711' ? { name: 'Ann Example', email: 'ann@home.example' } : null),
    mergeDeadlineMs: 20_000,
    ...options,
  });
  return { repository, draft: (wish: Wish) => publicationOf(repository, wish) };
}

export interface Wish extends Partial<Publication> {
  readonly files: Readonly<Record<string, string | null>>;
  readonly message?: string;
}

/** A draft on top of what the branch has now, on its way there. */
export async function publicationOf(
  repository: Repository,
  { files, message = 'feat(jellyfin): 10.10', ...rest }: Wish,
): Promise<Publication> {
  const environment = rest.environment ?? 'production';
  const base = valueOf(await repository.resolve({ environment }, idle()));
  const changes = Object.entries(files).map(([path, text]) => ({ path, text }));
  const commit = valueOf(
    await repository.commit({ base: base.commit, files: changes, message, author: ann }, idle()),
  );
  return {
    draft: { commit, base: base.commit, branch: base.branch },
    ...{ environment, request: 'p-1', author: ann, approvedBy: ['Ben'] },
    ...{ description: '## Plan\n1 step', skipPipeline: false },
    ...rest,
  };
}

export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(JSON.stringify(result.problems));
}
export function problemOf(result: Result<unknown>) {
  if (result.ok) throw new Error(`it worked: ${JSON.stringify(result.value)}`);
  return result.problems[0]!;
}
