import { commitAt, lastCommitOf, statsOf, titleOf, writeCommit } from '../git/commits.ts';
import { moveBranch, resolve } from '../git/repository.ts';
import { changedTree } from '../git/tree.ts';
import { projectRoute, type ProjectCall, type Route } from '../lab.ts';
import { flag, required, text } from '../params.ts';
import { created, forbidden, notFound, ok, refuse, type Reply } from '../reply.ts';
import { showCommit } from '../show/commit.ts';
import { may } from '../state.ts';
import { type LockedAction, parseActions } from './commit-actions.ts';

/** Making commits: many files at once, and taking one back. */
export const commitRoutes: readonly Route[] = [
  projectRoute('POST /repository/commits', 'developer', (call) => call.project.alone(() => commit(call))),
  projectRoute('POST /repository/commits/:sha/revert', 'developer', (call) =>
    call.project.alone(() => revert(call)),
  ),
];

async function commit(call: ProjectCall): Promise<Reply> {
  const { project, params, user } = call;
  const branch = required(params, 'branch');
  const message = required(params, 'commit_message');
  const actions = parseActions(params);
  if (!may('push', { user, project, branch }))
    throw forbidden('You are not allowed to push into this branch');
  const { parent, old } = await startOf(call, branch);
  if (parent !== null) await checkLocks(call, parent, actions);
  const changed = await changedTree(
    project.repository,
    parent,
    actions.map(({ action }) => action),
  );
  if ('refused' in changed) throw refuse(400, changed.refused);
  const committer = { name: user.name, email: user.email };
  const author = {
    name: text(params, 'author_name') ?? user.name,
    email: text(params, 'author_email') ?? user.email,
  };
  const parents = parent === null ? [] : [parent];
  const id = await writeCommit(project.repository, {
    tree: changed.tree,
    parents,
    message,
    author,
    committer,
  });
  return land(call, { branch, id, old });
}

/** What the commit goes on top of, and where the branch was. */
async function startOf({ project, params }: ProjectCall, branch: string) {
  const { repository } = project;
  const startBranch = text(params, 'start_branch');
  const startSha = text(params, 'start_sha');
  if (startBranch !== undefined && startSha !== undefined)
    throw refuse(400, "You can't pass both start_branch and start_sha");
  const old = await resolve(repository, `refs/heads/${branch}`);
  if (startSha !== undefined) {
    if (!/^[0-9a-f]{40}$/.test(startSha)) throw refuse(400, `Invalid start_sha '${startSha}'`);
    if ((await resolve(repository, startSha)) === null)
      throw refuse(400, `Cannot find start_sha '${startSha}'`);
    mustBeNew(params, branch, old);
    return { parent: startSha, old };
  }
  const from = startBranch ?? branch;
  const parent = from === branch ? old : await resolve(repository, `refs/heads/${from}`);
  if (parent === null && project.known.size > 0)
    throw refuse(400, 'You can only create or edit files when you are on a branch');
  if (from !== branch) mustBeNew(params, branch, old);
  return { parent, old };
}

function mustBeNew(params: ProjectCall['params'], branch: string, old: string | null): void {
  if (old === null || flag(params, 'force') === true) return;
  throw refuse(
    400,
    `A branch called '${branch}' already exists. Switch to that branch in order to make changes`,
  );
}

/** Compared with the last commit that touched the file, never for `create`; without one nothing is compared. */
async function checkLocks(
  { project }: ProjectCall,
  parent: string,
  actions: readonly LockedAction[],
): Promise<void> {
  for (const { action, subject, lastCommit } of actions) {
    if (lastCommit === undefined || action.kind === 'create') continue;
    const last = await lastCommitOf(project.repository, parent, subject);
    if (last !== null && last !== lastCommit)
      throw refuse(400, `The file has changed since you started editing it: ${subject}`);
  }
}

async function land(
  { lab, project, user, params }: ProjectCall,
  { branch, id, old }: { readonly branch: string; readonly id: string; readonly old: string | null },
): Promise<Reply> {
  if (!(await moveBranch(project.repository, branch, { to: id, from: old })))
    throw refuse(400, `Could not update refs/heads/${branch}. Please refresh and try again.`);
  await lab.notice(project, user);
  const { additions, deletions } = await statsOf(project.repository, id);
  const stats = { additions, deletions, total: additions + deletions };
  const shown = showCommit(lab, project, await commitAt(project.repository, id));
  return created({
    ...shown,
    ...(flag(params, 'stats') === false ? {} : { stats }),
    ...{ status: null, project_id: project.id, last_pipeline: null },
  });
}

async function revert(call: ProjectCall): Promise<Reply> {
  const { project, params, user, path } = call;
  const branch = required(params, 'branch');
  const sha = await resolve(project.repository, path['sha'] ?? '');
  if (sha === null) throw notFound('Commit');
  const old = await resolve(project.repository, `refs/heads/${branch}`);
  if (old === null) throw notFound('Branch');
  if (!may('push', { user, project, branch }))
    throw forbidden('You are not allowed to push into this branch');
  const undone = await commitAt(project.repository, sha);
  const tree = await revertedTree(call, { sha, parent: undone.parents[0] ?? null, head: old });
  if (flag(params, 'dry_run') === true) return ok({ dry_run: 'success' });
  const message = `Revert "${titleOf(undone)}"\n\nThis reverts commit ${sha}`;
  const person = { name: user.name, email: user.email };
  const parts = { tree, parents: [old], message, author: person, committer: person };
  return land(call, { branch, id: await writeCommit(project.repository, parts), old });
}

/** Merges a commit that undoes this one right on top of it; a merge commit goes back to its first parent. */
async function revertedTree(
  { project: { repository }, params }: ProjectCall,
  { sha, parent, head }: { readonly sha: string; readonly parent: string | null; readonly head: string },
): Promise<string> {
  const before = parent === null ? await repository.git(['mktree'], { input: '' }) : `${parent}^{tree}`;
  const nobody = { name: 'GitLab', email: 'gitlab@lab.invalid' };
  const parts = { parents: [sha], message: 'undo', author: nobody, committer: nobody };
  const back = await writeCommit(repository, { ...parts, tree: await repository.git(['rev-parse', before]) });
  const merged = await repository.ask(['merge-tree', '--write-tree', head, back]);
  const tree = merged?.split('\n')[0] ?? null;
  if (tree !== null && tree !== (await repository.git(['rev-parse', `${head}^{tree}`]))) return tree;
  const error = refuse(400, cannotRevert);
  const body = { message: cannotRevert, error_code: tree === null ? 'conflict' : 'empty' };
  const dry = flag(params, 'dry_run') === true ? { dry_run: 'error' } : {};
  throw Object.assign(error, { reply: { status: 400, body: { ...body, ...dry } } });
}

const cannotRevert =
  'Sorry, we cannot revert this commit automatically. This commit may already have been reverted, or a more recent commit may have updated some of its content.';
