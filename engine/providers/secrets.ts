import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { createRedactor } from './redactor.ts';
import { createSecretBindings, type SendTo } from './secret-bindings.ts';

export interface SecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder with one file for each secret; a file wins over a variable. */
  readonly directory: string | null;
  /** What variables that hold secrets start with; without one, every variable can be asked for by its name. */
  readonly prefix?: string;
  /** Sentinel's own secrets: replaced in texts, but out of reach for definitions. */
  readonly withheld?: readonly string[];
  /**
   * Where secrets may be sent. The bot always says it: who pushes sentinel.yml is not who holds the secrets. Left out,
   * they may be sent anywhere: who runs the command line or a pipeline has given it these variables for that definition.
   */
  readonly sendTo?: SendTo;
}
export interface SecretsWithWarnings extends Secrets {
  /** For the start-up log; names, never values. */
  readonly warnings: readonly string[];
  /** The same, and behind its own values further ones. */
  readonly over: (further: FurtherSecrets) => Secrets;
  /** From now on this value is replaced in texts, whoever it belongs to. */
  readonly keepOut: (name: string, value: string) => void;
}
export interface FurtherSecrets {
  /** Undefined where there is none. */
  value(name: string): string | undefined;
  /** What to do about a name without a value. */
  hint(name: string): string;
}

/** Secrets from environment variables and files. A file is read at each use, so that a rotated secret counts at once. */
export function createSecrets(options: SecretsOptions): SecretsWithWarnings {
  const { env, directory, prefix = '' } = options;
  const withheld = new Set(options.withheld);
  const redactor = createRedactor();
  const bindings = createSecretBindings(options.sendTo ?? null);

  function find(name: string, further: FurtherSecrets | null = null): string | null {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return null; // never a way out of the directory
    const file = directory === null ? null : readSecretFile(join(directory, name));
    const own = file ?? (Object.hasOwn(env, prefix + name) ? env[prefix + name] : undefined);
    const value = own === undefined || own === '' ? further?.value(name) : own;
    if (value === undefined || value === '') return null;
    redactor.add(name, value);
    return value;
  }

  const names = [
    ...(directory === null ? [] : listDirectory(directory)),
    ...(prefix === '' ? [] : variableNames(env, prefix)),
    ...withheld,
  ];
  for (const name of names) find(name);

  const hereHint = (name: string): string =>
    `Set the environment variable ${prefix}${name} for Sentinel${directory === null ? '' : `, or write its value to ${join(directory, name)}`}.`;

  function missing(name: string, hint: (name: string) => string): ProblemError {
    return new ProblemError({
      code: 'secret-missing',
      message: `The secret ${name} has no value.`,
      hint: withheld.has(name)
        ? "It is one of Sentinel's own and not given to services; use another name."
        : hint(name),
    });
  }

  function over(further: FurtherSecrets | null): Secrets {
    const hint = (name: string): string =>
      further === null ? hereHint(name) : `${further.hint(name)} Or here: ${hereHint(name)}`;
    const resolve = (name: string): string => {
      const value = withheld.has(name) ? null : find(name, further);
      if (value === null) throw missing(name, hint);
      return value;
    };
    return {
      has: (name) => !withheld.has(name) && find(name, further) !== null,
      resolve,
      resolveFor(name, origin, shown) {
        bindings.check(name, origin, shown);
        return resolve(name);
      },
      resolveAddress(name) {
        const address = resolve(name);
        bindings.checkAddress(name, address);
        return address;
      },
      redact: redactor.redact,
    };
  }

  return {
    ...over(null),
    over,
    keepOut: (name, value) => redactor.add(name, value),
    warnings: redactor
      .tooShort()
      .map((name) => `The secret ${name} is shorter than 4 characters and cannot be kept out of texts.`),
  };
}

function variableNames(env: SecretsOptions['env'], prefix: string): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && name.length > prefix.length)
    .map((name) => name.slice(prefix.length));
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (cause) {
    throw new ProblemError(
      {
        code: 'configuration-invalid',
        message: `The folder of secrets ${directory} cannot be read (${errorCode(cause)}).`,
        where: directory,
        hint: 'Create it, or correct its path, and let the user Sentinel runs as read it.',
      },
      { cause },
    );
  }
}

/** Editors and `echo` end a file with a line break that is not part of the secret. */
function readSecretFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(errorCode(cause))) return null;
    throw new ProblemError(
      {
        code: 'secret-missing',
        message: `The secret file ${path} cannot be read (${errorCode(cause)}).`,
        where: path,
        hint: 'Let the user Sentinel runs as read it.',
      },
      { cause },
    );
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
