import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ChangesFile } from '../../schema/index.ts';
import { repositoryDirectory, filled, type RepositoryOptions } from './repository-options.ts';
import type { CliPorts } from './ports.ts';

export interface OutOptions extends RepositoryOptions {
  readonly out?: string;
}

export const outHelp =
  'folder of the files stages hand on (default in CI: the project folder; else none is written)';

/** Where the files stages hand on are; null on somebody's own machine, unless it was asked for. */
export function outDirectory(options: OutOptions, ports: CliPorts): string | null {
  if (options.out !== undefined) return resolve(ports.directory, options.out);
  return filled(ports.env['CI']) === undefined ? null : repositoryDirectory(options, ports);
}

export async function writeFiles(
  options: OutOptions,
  ports: CliPorts,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const directory = outDirectory(options, ports);
  if (directory === null) return;
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
}

/** The text of a file an earlier stage wrote; undefined when it is not there. */
export async function readOutFile(
  options: OutOptions,
  ports: CliPorts,
  name: string,
): Promise<string | undefined> {
  const directory = outDirectory(options, ports);
  if (directory === null || !existsSync(join(directory, name))) return undefined;
  return readFile(join(directory, name), 'utf8');
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export interface Variables {
  readonly outcome: string;
  readonly environment: string;
  readonly changes: ChangesFile;
  readonly digest: string | null;
}

/** GitLab refuses a dotenv report of more than 5 kB. */
const mostOfNames = 2_000;

/** `sentinel.env`, for `artifacts:reports:dotenv`. Lists of names that would be too long for it are left out; changes.json has them. */
export function dotenv({ outcome, environment, changes, digest }: Variables): string {
  const list = (key: string, services: ChangesFile['deploy']): Readonly<Record<string, string>> => {
    const names = services.map(({ name }) => name).join(' ');
    return names.length > mostOfNames ? {} : { [key]: names };
  };
  const variables = {
    SENTINEL_OUTCOME: outcome,
    ...list('SENTINEL_DEPLOY', changes.deploy),
    ...list('SENTINEL_REMOVE', changes.remove),
    SENTINEL_TOTAL: String(changes.total),
    ...(digest === null ? {} : { SENTINEL_PLAN_DIGEST: digest }),
    SENTINEL_ENVIRONMENT: environment,
  };
  // GitLab takes one line for each variable and knows no quotes.
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value.replace(/[\r\n]+/g, ' ')}\n`)
    .join('');
}
