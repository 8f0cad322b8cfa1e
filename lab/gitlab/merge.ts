import { mergedTree, writeCommit } from './git/commits.ts';
import { moveBranch, resolve } from './git/repository.ts';
import type { Lab } from './lab.ts';
import type { GitlabProject, GitlabUser, MergeRequest } from './state.ts';

export interface MergeWishes {
  readonly by: GitlabUser;
  readonly squash: boolean;
  readonly removeSource: boolean;
  readonly message: string | null;
  readonly squashMessage: string | null;
}

/** Merges in the bare repository, as the project wants it done; false when git would not. */
export async function merge(
  lab: Pick<Lab, 'notice' | 'announce'>,
  { project, request }: { readonly project: GitlabProject; readonly request: MergeRequest },
  wishes: MergeWishes,
): Promise<boolean> {
  const { repository } = project;
  const target = await resolve(repository, `refs/heads/${request.target}`);
  if (target === null) return false;
  const made = await commitsFor(project, { request, target, wishes });
  if (made === null || !(await moveBranch(repository, request.target, { to: made.head, from: target })))
    return false;
  request.state = 'merged';
  request.mergedBy = wishes.by;
  request.autoMerge = null;
  request.mergeCommit = made.mergeCommit;
  request.squashCommit = made.squashCommit;
  request.updatedAt = new Date().toISOString();
  if (wishes.removeSource) await repository.ask(['update-ref', '-d', `refs/heads/${request.source}`]);
  await lab.notice(project, wishes.by);
  lab.announce(project, { request, action: 'merge', by: wishes.by });
  return true;
}

async function commitsFor(
  project: GitlabProject,
  parts: { readonly request: MergeRequest; readonly target: string; readonly wishes: MergeWishes },
): Promise<{ head: string; mergeCommit: string | null; squashCommit: string | null } | null> {
  const { request, target, wishes } = parts;
  const { repository } = project;
  const tree = await mergedTree(repository, target, request.sha);
  if (tree === null) return null;
  const by = { name: wishes.by.name, email: wishes.by.email };
  const author = { name: request.author.name, email: request.author.email };
  const squashCommit = wishes.squash
    ? await writeCommit(repository, {
        ...{ tree, parents: [target], author, committer: by },
        message: wishes.squashMessage ?? request.title,
      })
    : null;
  const last = squashCommit ?? request.sha;
  if (project.mergeMethod === 'ff') return { head: last, mergeCommit: null, squashCommit };
  const message =
    wishes.message ??
    `Merge branch '${request.source}' into '${request.target}'\n\n${request.title}\n\nSee merge request ${project.path}!${request.iid}`;
  const parents = [target, last];
  const head = await writeCommit(repository, { tree, parents, message, author: by, committer: by });
  return { head, mergeCommit: head, squashCommit };
}

/** Those somebody armed to be merged when the pipeline of their head succeeds. */
export async function mergeWhenGreen(
  lab: Pick<Lab, 'notice' | 'announce'>,
  project: GitlabProject,
  commit: string,
): Promise<void> {
  await project.alone(async () => {
    for (const request of project.mergeRequests) {
      const { autoMerge: by, sha, state, squash, removeSourceBranch: removeSource } = request;
      if (by === null || sha !== commit || state !== 'opened') continue;
      await merge(
        lab,
        { project, request },
        { by, squash, removeSource, message: null, squashMessage: null },
      );
    }
  });
}
