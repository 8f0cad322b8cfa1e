import { isRecord, list, text } from '../../json.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { Secrets } from '../../ports.ts';
import type { HttpAnswer } from '../http.ts';

/** What was asked, in words: `create the provider grafana (Sentinel)`. */
export interface Asked {
  readonly system: string;
  readonly origin: string;
  readonly what: string;
}

/** Turns an answer that is no success into what a person reads. Never passes on a body, only its fields' messages. */
export function refusal(asked: Asked, answer: HttpAnswer, secrets: Pick<Secrets, 'redact'>): ProblemError {
  return new ProblemError({ where: asked.origin, ...problemOf(asked, answer, secrets) });
}

function problemOf(
  { system, what }: Asked,
  answer: HttpAnswer,
  secrets: Pick<Secrets, 'redact'>,
): Omit<Problem, 'where'> {
  const { status } = answer;
  if (status === 401 || status === 403) return { code: 'system-refused', ...refused(system, what, answer) };
  if (status === 429 || status >= 500)
    return {
      code: 'system-unreachable',
      message: `${system} answered ${status} when asked to ${what}.`,
      hint: 'It may be starting, or overloaded. Look at its log, then try again.',
    };
  const fields = fieldMessages(answer.json());
  if (status === 400 && fields.length > 0)
    return {
      code: 'system-rejected',
      message: secrets.redact(`${system} did not ${what}: ${fields.join(' ')}`),
      hint: 'Correct the definition, or what these words name in Authentik.',
    };
  return {
    code: 'system-rejected',
    message: `${system} answered ${status} when asked to ${what}.`,
    hint: 'Check that `systems.authentik.url` in sentinel.yml is the address of Authentik itself.',
  };
}

/** Authentik answers 403 for a wrong token as for a missing permission; only its words tell them apart. */
function refused(system: string, what: string, answer: HttpAnswer): Pick<Problem, 'message' | 'hint'> {
  const body = answer.json();
  const detail = (isRecord(body) ? text(body['detail']) : null) ?? '';
  return /token|credentials/i.test(detail)
    ? {
        message: `${system} did not accept the token when asked to ${what}.`,
        hint: 'It is wrong, has expired, or is not one with the intent “API”. Make a new one and give its value to the secret.',
      }
    : {
        message: `${system} does not allow the token's user to ${what}.`,
        hint: 'Give the service account the permission, or make it a member of a group that has it.',
      };
}

/** `slug: already exists.` for each message of a 400. Messages about secrets may quote them, so they are left out. */
function fieldMessages(body: unknown): readonly string[] {
  if (!isRecord(body)) return [];
  return Object.entries(body).flatMap(([field, messages]) => {
    if (/secret|password|token|key/i.test(field)) return [`${field} is not accepted.`];
    const lines = list(messages).flatMap((message) => text(message)?.slice(0, 200) ?? []);
    return lines.length === 0
      ? []
      : [`${field === 'non_field_errors' ? '' : `${field}: `}${lines.join(' ')}`];
  });
}

/** Whether a 400 says that something with this value of a field is there already. */
export function isDuplicate(answer: HttpAnswer): boolean {
  return saysOf(answer, ['name', 'slug', 'provider'], /already exists|must be unique/i);
}

/** Whether a 400 says that a list names a provider that is not there. */
export function isMissingProvider(answer: HttpAnswer): boolean {
  return saysOf(answer, ['providers'], /invalid pk|does not exist/i);
}

function saysOf(answer: HttpAnswer, fields: readonly string[], words: RegExp): boolean {
  const body = answer.json();
  return (
    answer.status === 400 &&
    isRecord(body) &&
    fields.some((field) => list(body[field]).some((message) => words.test(text(message) ?? '')))
  );
}

/** An answer without what the API always has: something else listens there, or a release we do not know. */
export function strangeAnswer(system: string, origin: string, what: string): ProblemError {
  return new ProblemError({
    code: 'system-rejected',
    message: `${system} answered without ${what}, so it cannot be told what it has.`,
    where: origin,
    hint: 'Check that `systems.authentik.url` in sentinel.yml is the address of Authentik itself.',
  });
}
