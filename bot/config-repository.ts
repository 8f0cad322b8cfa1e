import { resolve } from 'node:path';
import type { Layout } from '../engine/index.ts';
import type { Path, RepositorySection } from '../schema/index.ts';
import { isDirectory, readFileAt, type Reading } from './config-reading.ts';

export interface KeyConfig {
  readonly file: string;
  readonly passphrase: string | null;
}
export interface InventoryFile {
  readonly file: string;
  readonly text: string;
}

export interface RepositoryConfig {
  readonly name: string;
  readonly url: string;
  readonly layout: Layout;
  readonly environments: Readonly<Record<string, { readonly branch: string }>>;
  readonly servicesPath: string | null;
  /** The operator's sentinel.yml, for repositories without one. */
  readonly inventory: InventoryFile | null;
  readonly credential: { readonly user: string; readonly password: string } | null;
  readonly keyFile: string | null;
}

/** One entry of `repositories`; `keys` and `own` are those already read. */
export function readRepository(
  reading: Reading,
  section: RepositorySection,
  known: {
    readonly index: number;
    readonly keys: Readonly<Record<string, KeyConfig>>;
    readonly own: Readonly<Record<string, string>>;
  },
): RepositoryConfig {
  const { name, branch = 'main', credential, ssh_key: key } = section;
  const path: Path = ['repositories', known.index];
  check(reading, section, { ...known, path });
  const environments = Object.entries(section.environments ?? { production: {} });
  return {
    ...{ name, layout: section.layout ?? 'fleet', url: addressOf(reading, section, path) },
    environments: Object.fromEntries(
      environments.map(([environment, each]) => [environment, { branch: each.branch ?? branch }]),
    ),
    servicesPath: section.paths?.services ?? null,
    inventory: readFallbackInventory(reading, section, {
      at: path,
      environment: environments[0]?.[0] ?? 'production',
    }),
    credential: credential
      ? { user: credential.user ?? 'oauth2', password: known.own[credential.secret] ?? '' }
      : null,
    keyFile: key === undefined ? null : (known.keys[key]?.file ?? null),
  };
}

function check(
  { bot, complain }: Reading,
  { name, route, ssh_key: key }: RepositorySection,
  {
    index,
    keys,
    path,
  }: { readonly index: number; readonly keys: Readonly<Record<string, KeyConfig>>; readonly path: Path },
): void {
  if (bot.repositories.findIndex((other) => other.name === name) !== index)
    complain([...path, 'name'], `Two repositories are called ${name}.`, 'Give each a name of its own.');
  if (route === 'pipeline')
    complain(
      [...path, 'route'],
      'The route “pipeline” cannot be used yet.',
      'Leave it out: the bot deploys by itself.',
    );
  if (key !== undefined && keys[key] === undefined)
    complain([...path, 'ssh_key'], `No key is called ${key}.`, 'Name one of those in ssh.keys.');
  if (key !== undefined && (keys[key]?.passphrase ?? null) !== null)
    complain(
      [...path, 'ssh_key'],
      `The key ${key} has a passphrase, and git cannot be given one.`,
      'Make a deploy key without a passphrase for this repository.',
    );
}

function addressOf({ folder, complain }: Reading, { path, url }: RepositorySection, at: Path): string {
  if (path === undefined) return url ?? '';
  const local = resolve(folder, path);
  if (!isDirectory(local))
    complain([...at, 'path'], `${local} is not a folder.`, 'Name a folder with a Git repository.');
  return local;
}

function readFallbackInventory(
  reading: Reading,
  { inventory }: RepositorySection,
  { at: path, environment }: { readonly at: Path; readonly environment: string },
): InventoryFile | null {
  if (inventory === undefined) return null;
  const file = resolve(reading.folder, inventory);
  const text = readFileAt(reading, [...path, 'inventory'], file);
  if (text === null) return null;
  const read = reading.parseInventory(text, file, environment);
  if (read.ok) return { file, text };
  for (const { message, where, hint } of read.problems)
    reading.complain([...path, 'inventory'], `${where ?? file} ${message}`, hint ?? 'Correct that file.');
  return null;
}
