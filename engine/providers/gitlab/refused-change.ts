import type { Problem } from '../../problems.ts';
import type { ChangePlace } from './change-place.ts';
import { GitlabRefusal, isAmbiguous } from './refusal.ts';

/** What an error on the way to a commit means. */
export type Setback =
  /** It may be there already, or something else came first: read again, then decide. */
  | { readonly kind: 'look-again'; readonly problem: Problem }
  | { readonly kind: 'refused'; readonly problem: Problem };

const raced =
  /has changed since you started|already exists|doesn['’]t exist|could not update refs|refresh and try again/i;

/** Throws what is neither, such as a cancelled call. */
export function setback(error: unknown, place: ChangePlace, branch: string): Setback {
  if (isAmbiguous(error)) return { kind: 'look-again', problem: error.problem };
  if (!(error instanceof GitlabRefusal)) throw error;
  const { status, said } = error;
  if (status === 409 || (status === 400 && raced.test(said)))
    return { kind: 'look-again', problem: refusedChange(place, branch, said) };
  // the token itself, not this change
  if (status === 401 || status === 404 || /insufficient_scope|higher privileges/i.test(said))
    return { kind: 'refused', problem: error.problem };
  return { kind: 'refused', problem: refusedChange(place, branch, said) };
}

function refusedChange({ name }: ChangePlace, branch: string, said: string): Problem {
  const words = said === '' ? '' : `: “${said}”`;
  return {
    code: 'change-refused',
    message: `GitLab did not take the change of ${branch} in ${name}${words}.`,
    hint: /not allowed to push|protected|forbidden/i.test(said)
      ? 'Let the user of the token push to this branch (Settings, Repository, Protected branches), or have changes of this environment merged: `changes: merge-request`.'
      : 'Ask again; if it stays like this, the rules of the project in GitLab tell more.',
  };
}

export function branchMoved({ name }: ChangePlace, branch: string, what: string): Problem {
  return {
    code: 'branch-moved',
    message: `The branch ${branch} of ${name} ${what} while the change was made.`,
    hint: 'Ask again: the plan is then made for what the branch holds now.',
  };
}
