import { closest } from 'fastest-levenshtein';
import type { Problem } from '../../problems.ts';
import type { Result } from '../../types.ts';
import { checked } from './git-problem.ts';
import type { Git } from './git.ts';

const fullId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const shortId = /^[0-9a-f]{4,64}$/;

export const isFullId = (text: string): boolean => fullId.test(text);

/** True for what can name a branch or tag (`git check-ref-format`), so that no revision is taken for an option or a range. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.length > 200) return false;
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|[/.]$/.test(name)) return false;
  return (
    !name.startsWith('-') &&
    name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock') && part !== '')
  );
}

/** A branch, tag, short or full id → the commit's full id. Looks only at what was fetched. */
export async function lookUp(git: Git, name: string, signal: AbortSignal): Promise<Result<string>> {
  if (!isRefName(name))
    return unknown(`“${printable(name)}” cannot be the name of a branch, a tag or a commit.`);
  const candidates = isFullId(name) ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  if (!isFullId(name) && shortId.test(name.toLowerCase())) candidates.push(name.toLowerCase());
  for (const candidate of candidates) {
    const { exitCode, stdout } = await git.run(
      ['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`],
      { signal },
    );
    if (exitCode === 0) return { ok: true, value: stdout.toString('utf8').trim() };
  }
  return unknown(`No branch, tag or commit is named “${name}”.`, await suggestion(git, name, signal));
}

async function suggestion(git: Git, name: string, signal: AbortSignal): Promise<string> {
  if (shortId.test(name.toLowerCase())) {
    const ids = checked(
      await git.run(['rev-parse', `--disambiguate=${name.toLowerCase()}`], { signal }),
      'rev-parse',
    );
    if (ids.trim().includes('\n')) return 'More than one object starts like this; give more digits.';
    return 'Is the commit pushed? Only what the remote has can be deployed.';
  }
  const listing = await git.run(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads', 'refs/tags'], {
    signal,
  });
  const names = checked(listing, 'for-each-ref').split('\n').filter(Boolean);
  if (names.length === 0) return 'The repository has no branches yet.';
  return `Did you mean “${closest(name, names)}”?`;
}

function unknown(
  message: string,
  hint?: string,
): { readonly ok: false; readonly problems: readonly Problem[] } {
  return {
    ok: false,
    problems: [{ code: 'revision-unknown', message, ...(hint === undefined ? {} : { hint }) }],
  };
}

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- they would break the line a person reads
  const clean = text.replace(/[\x00-\x1f\x7f]/g, '�');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}
