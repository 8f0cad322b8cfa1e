import type { Reading } from './catalogue.ts';
import type { CommitDraft, Repository, Source, Tree } from './ports.ts';
import type { Actor, Draft, Result } from './types.ts';

/** The edits that take a commit back on a later head; files somebody changed since are left alone. */
export async function restoredFiles(
  { repository, head, from }: { readonly repository: Repository; readonly head: Tree; readonly from: Draft },
  signal: AbortSignal,
): Promise<CommitDraft['files']> {
  const [before, ours, changes] = await Promise.all([
    repository.tree(from.base, signal),
    repository.tree(from.commit, signal),
    repository.diff(from.base, from.commit, signal),
  ]);
  return changes
    .filter(({ path }) => head.blob(path) === ours.blob(path) && head.blob(path) !== before.blob(path))
    .map(({ path }) => ({ path, text: before.read(path) ?? null }));
}

/** An unpublished commit on the head of a branch; the earlier one again when the head is still the same. */
export async function commitEdits(
  edit: {
    readonly repository: Repository;
    readonly head: Pick<Reading, 'commit' | 'branch'>;
    readonly files: CommitDraft['files'];
    readonly message: string;
    readonly author: Actor;
    readonly existing: Draft | null;
  },
  signal: AbortSignal,
): Promise<Result<Draft>> {
  const { repository, head, files, message, author, existing } = edit;
  if (existing?.base === head.commit) return { ok: true, value: existing };
  const commit = await repository.commit({ base: head.commit, files, message, author }, signal);
  return commit.ok
    ? { ok: true, value: { commit: commit.value, base: head.commit, branch: head.branch } }
    : commit;
}

/** Edits as an unpublished commit, and the definitions as they are there. */
export async function commitAndRead(
  edit: {
    readonly source: Source;
    readonly environment: string;
    readonly head: Reading;
    readonly files: CommitDraft['files'];
    readonly message: string;
    readonly author: Actor;
    readonly existing: Draft | null;
  },
  signal: AbortSignal,
): Promise<Result<{ readonly reading: Reading; readonly draft: Draft }>> {
  const { source, environment, head, ...rest } = edit;
  const { repository } = source;
  const draft = await commitEdits({ repository, head, ...rest }, signal);
  if (!draft.ok) return draft;
  const { commit } = draft.value;
  const tree = await repository.tree(commit, signal);
  const reading = { ...head, commit, tree, ...source.load(tree, environment) };
  return { ok: true, value: { reading, draft: draft.value } };
}

/** A commit's message with the person's reason below it. */
export function commitMessage(subject: string, reason: string | undefined): string {
  return reason === undefined ? subject : `${subject}\n\n${reason}`;
}
