import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitDraft } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { Actor } from '../../types.ts';
import { checked } from './git-problem.ts';
import type { Git } from './git.ts';
import { commitId, listTree } from './read-tree.ts';

export interface Committer {
  readonly name: string;
  readonly email: string;
}
export interface DraftPlace {
  readonly git: Git;
  /** Where the index that exists only during the call is kept. */
  readonly directory: string;
  readonly committer: Committer;
}

/** Makes a commit on top of `draft.base` with plumbing only and keeps it under `refs/sentinel/`. */
export async function writeDraft(
  place: DraftPlace,
  draft: CommitDraft,
  signal: AbortSignal,
): Promise<string> {
  const { git } = place;
  const tree = await writeTree(place, draft, signal);
  const before = checked(
    await git.run(['rev-parse', `${commitId(draft.base)}^{tree}`], { signal }),
    'rev-parse',
  ).trim();
  if (tree === before)
    throw new ProblemError({ code: 'nothing-to-do', message: 'The change would leave every file as it is.' });
  const message = await withTrailer(git, draft, signal);
  const made = await git.run(['commit-tree', tree, '-p', draft.base], {
    signal,
    input: message,
    env: identity(draft.author, place.committer),
  });
  const commit = checked(made, 'commit-tree').trim();
  checked(await git.run(['update-ref', `refs/sentinel/${commit}`, commit], { signal }), 'update-ref');
  return commit;
}

async function writeTree(
  { git, directory }: DraftPlace,
  draft: CommitDraft,
  signal: AbortSignal,
): Promise<string> {
  const index = join(directory, `sentinel-index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    const entries = await indexEntries(git, draft, signal);
    checked(await git.run(['read-tree', commitId(draft.base)], { signal, env }), 'read-tree');
    checked(
      await git.run(['update-index', '-z', '--index-info'], { signal, env, input: entries }),
      'update-index',
    );
    return checked(await git.run(['write-tree'], { signal, env }), 'write-tree').trim();
  } finally {
    await Promise.all([index, `${index}.lock`].map((file) => rm(file, { force: true })));
  }
}

/** `mode blob\tpath` for each file, with the mode it has; mode 0 takes a file away. */
async function indexEntries(git: Git, draft: CommitDraft, signal: AbortSignal): Promise<string> {
  const modes = new Map((await listTree(git, draft.base, signal)).map(({ path, mode }) => [path, mode]));
  const lines: string[] = [];
  for (const { path, text } of draft.files) {
    const mode = modes.get(path) ?? '100644';
    if (!isPlainPath(path) || !mode.startsWith('100'))
      throw new ProblemError({
        code: 'unexpected',
        message: `“${path}” is not a plain file of the repository.`,
      });
    if (text === null) {
      lines.push(`0 ${'0'.repeat(40)}\t${path}\0`);
      continue;
    }
    const written = await git.run(['hash-object', '-w', '--stdin'], { signal, input: text });
    lines.push(`${mode} ${checked(written, 'hash-object').trim()}\t${path}\0`);
  }
  return lines.join('');
}

function isPlainPath(path: string): boolean {
  return (
    !path.includes('\0') &&
    path.split('/').every((part) => !['', '.', '..', '.git'].includes(part.toLowerCase()))
  );
}

/** The trailer is ours alone: one a person wrote into the message is quoted. */
async function withTrailer(git: Git, { message, author }: CommitDraft, signal: AbortSignal): Promise<string> {
  const body = message
    .replace(/^(\s*requested-by\s*:)/gim, '> $1')
    .replaceAll('\0', '')
    .trim();
  const trailer = `Requested-by: ${oneLine(author.name)} (${oneLine(author.id)})`;
  const output = await git.run(['interpret-trailers', '--no-divider', '--trailer', trailer], {
    signal,
    input: `${body}\n`,
  });
  return checked(output, 'interpret-trailers');
}

function identity(author: Actor, committer: Committer): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: oneLine(author.name) || oneLine(author.id) || 'unknown',
    // `.invalid` is reserved: nobody's address by accident
    GIT_AUTHOR_EMAIL: `${author.id.replace(/[^\w.-]+/g, '.')}@sentinel.invalid`,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
  };
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- git's header lines end at a line feed
  return text.replace(/[\x00-\x1f\x7f<>]+/g, ' ').trim();
}
