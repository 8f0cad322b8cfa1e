import { writeCommit } from './git/commits.ts';
import { moveBranch, resolve } from './git/repository.ts';
import { changedTree, fileAt, type FileAction } from './git/tree.ts';
import type { Lab } from './lab.ts';
import type { GitlabProject, GitlabUser } from './state.ts';

export interface PersonPush {
  readonly by: GitlabUser;
  /** Null deletes. */
  readonly files: Readonly<Record<string, string | null>>;
  readonly message: string;
  /** The default branch unless told; a new one starts from the default branch. */
  readonly branch?: string;
  /** Throws away what the branch has above this commit. */
  readonly onto?: string;
}

/** A person's commit, pushed from their checkout past every rule; answers the commit. */
export function pushAs(lab: Pick<Lab, 'notice'>, project: GitlabProject, push: PersonPush): Promise<string> {
  const { by, files, message, branch = project.defaultBranch, onto } = push;
  const { repository } = project;
  return project.alone(async () => {
    const old = await resolve(repository, `refs/heads/${branch}`);
    const parent = onto ?? old ?? (await resolve(repository, `refs/heads/${project.defaultBranch}`));
    const changed = await changedTree(repository, parent, await actionsFor(project, { parent, files }));
    if ('refused' in changed) throw new Error(changed.refused);
    const person = { name: by.name, email: by.email };
    const parents = parent === null ? [] : [parent];
    const id = await writeCommit(repository, {
      tree: changed.tree,
      parents,
      message,
      author: person,
      committer: person,
    });
    if (!(await moveBranch(repository, branch, { to: id, from: old }))) throw new Error(`${branch} moved`);
    await lab.notice(project, by);
    return id;
  });
}

async function actionsFor(
  { repository }: GitlabProject,
  { parent, files }: { readonly parent: string | null; readonly files: PersonPush['files'] },
): Promise<readonly FileAction[]> {
  const entries = Object.entries(files).map(async ([path, text]): Promise<readonly FileAction[]> => {
    const there = parent === null ? null : await fileAt(repository, parent, path);
    if (text === null) return there === null ? [] : [{ kind: 'delete', path }];
    const kind = there === null ? 'create' : 'update';
    return [{ kind, path, content: Buffer.from(text), executable: false }];
  });
  return (await Promise.all(entries)).flat();
}
