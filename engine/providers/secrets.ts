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
}

/** Secrets from environment variables and files. A file is read at each use, so that a rotated secret counts at once. */
export function createSecrets(options: SecretsOptions): SecretsWithWarnings {
  const { env, directory, prefix = '' } = options;
  const withheld = new Set(options.withheld);
  const redactor = createRedactor();
  const bindings = createSecretBindings(options.sendTo ?? null);

  function find(name: string): string | null {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) return null; // never a way out of the directory
    const value = (directory === null ? null : readSecretFile(join(directory, name))) ?? env[prefix + name];
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

  function resolve(name: string): string {
    const value = withheld.has(name) ? null : find(name);
    if (value !== null) return value;
    throw new ProblemError({
      code: 'secret-missing',
      message: `The secret ${name} has no value.`,
      hint: withheld.has(name)
        ? "It is one of Sentinel's own and not given to services; use another name."
        : `Set the environment variable ${prefix}${name} for Sentinel${directory === null ? '' : `, or write its value to ${join(directory, name)}`}.`,
    });
  }

  return {
    has: (name) => !withheld.has(name) && find(name) !== null,
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
