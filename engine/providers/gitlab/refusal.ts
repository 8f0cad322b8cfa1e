import { ProblemError, type Problem } from '../../problems.ts';
import { oneLine } from '../../notify/one-line.ts';

/** GitLab answered, and the answer is no. */
export class GitlabRefusal extends ProblemError {
  readonly status: number;
  /** GitLab's own words. */
  readonly said: string;
  constructor(problem: Problem, { status, said }: { readonly status: number; readonly said: string }) {
    super(problem);
    this.name = 'GitlabRefusal';
    this.status = status;
    this.said = said;
  }
}

/** Nobody knows whether GitLab did what was asked: no answer, or that of a proxy in front of it. */
export function isAmbiguous(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.problem.code === 'forge-unreachable';
}

export interface Answered {
  /** `https://gitlab.home.lan` */
  readonly server: string;
  /** `POST /projects/homelab/services/pipeline` */
  readonly call: string;
  readonly status: number;
  readonly said: string;
}

/** What an answer that is no success means for a person. */
export function refusalOf({ server, call, status, said }: Answered): ProblemError {
  if (status >= 500 || status === 429 || status === 408)
    return new ProblemError({
      code: 'forge-unreachable',
      message: `GitLab at ${server} answered ${status} to “${call}”${quoted(said)}.`,
      hint:
        status === 429
          ? 'It is asked more often than it allows; try again in a minute.'
          : 'Its log tells more; try again when it is well.',
    });
  const message = `GitLab at ${server} ${verdicts[status] ?? `answered ${status}`} (“${call}”)${quoted(said)}.`;
  const hint = hints[status];
  return new GitlabRefusal(
    { code: 'forge-refused', message, ...(hint === undefined ? {} : { hint }) },
    { status, said },
  );
}

const verdicts: Readonly<Record<number, string>> = {
  301: 'sends us to another address',
  302: 'sends us to another address',
  307: 'sends us to another address',
  308: 'sends us to another address',
  401: 'did not accept the token',
  403: 'forbids this to the token',
  404: 'has no such thing, or does not show it to this token',
  409: 'says something else is in the way',
};
const hints: Readonly<Record<number, string>> = {
  301: 'Use the address GitLab itself shows, with https where it asks for it.',
  302: 'Use the address GitLab itself shows, with https where it asks for it.',
  401: 'Is it expired or revoked? It needs the scope `api`.',
  403: 'The token needs the scope `api`, and its user a role that may do this.',
  404: 'Check the path of the project, and that the user of the token is a member of it.',
};

function quoted(said: string): string {
  return said === '' ? '' : `: “${said}”`;
}

const mostWords = 300;

/** The message in an error's body, whatever its shape: one line a person can read. */
export function wordsOf(text: string): string {
  return oneLine(flat(message(text))).slice(0, mostWords);
}

function message(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return text;
    if ('message' in body) return body.message;
    if ('error_description' in body) return body.error_description;
    return 'error' in body ? body.error : text;
  } catch {
    // a proxy's page tells a person nothing
    return /<html|<!doctype/i.test(text) ? '' : text;
  }
}

/** `{"base": ["No jobs"], "name": ["is short"]}` → `No jobs; name is short` */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(flat).join('; ');
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([key, inner]) => (key === 'base' ? flat(inner) : `${key} ${flat(inner)}`))
    .join('; ');
}
