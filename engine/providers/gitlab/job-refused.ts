import type { Problem } from '../../problems.ts';
import type { GitlabRefusal } from './refusal.ts';

/** GitLab would not start something; a token that is not accepted is another matter. */
export function jobRefused(message: string, error: GitlabRefusal): readonly Problem[] {
  if (error.status === 401 || error.status === 404) return [error.problem];
  const said = error.said === '' ? '' : `: “${error.said}”`;
  const hint = hintFor(error);
  return [{ code: 'job-refused', message: `${message}${said}.`, hint }];
}

function hintFor({ status, said }: GitlabRefusal): string {
  if (status === 403)
    return 'The user of the token needs a role that may do this, also on protected branches and environments.';
  return /missing ci config/i.test(said)
    ? 'Add a .gitlab-ci.yml (`sentinel init` writes it), or use `/deploy route:engine`.'
    : 'The page of the project in GitLab tells more.';
}
