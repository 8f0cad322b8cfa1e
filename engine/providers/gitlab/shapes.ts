import { isRecord } from '../../json.ts';
import { ProblemError } from '../../problems.ts';

/** Reads the fields of an answer; what is not there or is something else is `forge-refused`. */
export interface Reader {
  text(field: string): string;
  textOr<T>(field: string, other: T): string | T;
  number(field: string): number;
  flag(field: string): boolean;
  /** Whether there is anything but null. */
  has(field: string): boolean;
  /** Null where it is absent or null. */
  object(field: string): Reader | null;
  list(field: string): readonly Reader[];
  texts(field: string): readonly string[];
}

export function read(value: unknown): Reader {
  if (!isRecord(value)) throw notGitlab('an object');
  return {
    text: (field) => need(value[field], field, isText),
    textOr(field, other) {
      const found = value[field];
      return isText(found) ? found : other;
    },
    number: (field) => need(value[field], field, isNumber),
    has: (field) => (value[field] ?? null) !== null,
    flag: (field) => value[field] === true,
    object: (field) => (isRecord(value[field]) ? read(value[field]) : null),
    list: (field) => readAll(value[field] ?? []),
    texts: (field) => (Array.isArray(value[field]) ? value[field].filter(isText) : []),
  };
}

export function readAll(value: unknown): readonly Reader[] {
  if (!Array.isArray(value)) throw notGitlab('a list');
  return value.map(read);
}

function need<T>(value: unknown, field: string, is: (value: unknown) => value is T): T {
  if (is(value)) return value;
  throw notGitlab(`“${field}”`);
}

function notGitlab(missing: string): ProblemError {
  return new ProblemError({
    code: 'forge-refused',
    message: `The answer is not one of GitLab's: ${missing} is missing in it.`,
    hint: 'Check that the address of GitLab is right and that nothing in front of it asks for a login.',
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
