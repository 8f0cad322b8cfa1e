import type { HttpAnswer } from '../http.ts';
import { isRecord } from '../../json.ts';
import { ProblemError, type Problem } from '../../problems.ts';

export interface Place {
  /** For people: `OPNsense at 192.168.40.1`. */
  readonly name: string;
  readonly base: string;
}

/** The body of an answer that is one; everything else as a problem a person can act on. */
export function bodyOf(answer: HttpAnswer, command: string, place: Place): Readonly<Record<string, unknown>> {
  const body = answer.json();
  if (answer.status === 200 && isRecord(body)) return body;
  throw new ProblemError({ where: place.base, ...refusalOf(answer, command, place) });
}

function refusalOf(answer: HttpAnswer, command: string, { name }: Place): Problem {
  const { status } = answer;
  if (status === 401)
    return {
      code: 'system-refused',
      message: `${name} did not accept the API key.`,
      hint: 'Check the secrets `key` and `secret` of `systems.dns` name, and that the key still exists (System › Access › Users).',
    };
  if (status === 403)
    return {
      code: 'system-refused',
      message: `${name} does not let this API key use ${command}.`,
      hint: 'Give its user the privilege “Services: Unbound” (the one for api/unbound/*; older versions call it “Services: Unbound (MVC)”). The one for host overrides alone does not include applying them.',
    };
  if (status >= 500)
    return {
      code: 'system-unreachable',
      message: `${name} answered ${command} with an error of its own (${status}).`,
      hint: 'See its own log (System › Log Files › Backend), then try again.',
    };
  const words = wordsOf(answer.json());
  return {
    code: 'system-rejected',
    message: `${name} did not answer ${command} as OPNsense does (${status}${words === '' ? '' : `: ${words}`}).`,
    hint:
      status >= 300 && status < 400
        ? 'It points elsewhere: put the address it is reached at, with https if it asks for that, into `url` in sentinel.yml.'
        : 'Check that `url` in sentinel.yml is the base address of OPNsense 24.7 or newer.',
  };
}

function wordsOf(body: unknown): string {
  const said = isRecord(body) ? (body['message'] ?? body['errorMessage']) : null;
  return typeof said === 'string' ? said.slice(0, 200) : '';
}
