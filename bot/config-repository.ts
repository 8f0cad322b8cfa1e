import { resolve } from 'node:path';
import type { DeployRoute, Layout } from '../engine/index.ts';
import type { EnvironmentSection, Path, RepositorySection } from '../schema/index.ts';
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
  /** Of a group, what goes before the name of each project; empty where nothing does. */
  readonly name: string;
  readonly place: PlaceConfig;
  readonly layout: Layout;
  /** The first is the default. */
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
  readonly servicesPath: string | null;
  /** The operator's sentinel.yml, for repositories without one. */
  readonly inventory: InventoryFile | null;
  readonly credential: { readonly user: string; readonly password: string } | null;
  readonly keyFile: string | null;
  /** Where an environment does not say another one. */
  readonly route: DeployRoute;
  /** Of merge requests. */
  readonly labels: readonly string[];
  /** What messages of commits look like, with `{subject}` and others in it; null: the subject alone. */
  readonly message: string | null;
}
export type PlaceConfig =
  /** Anything git fetches from: an address, or a folder of this machine. */
  | { readonly kind: 'git'; readonly url: string }
  /** By path or number, as a group is. */
  | { readonly kind: 'project'; readonly project: string }
  | { readonly kind: 'group'; readonly group: string };
export interface EnvironmentConfig {
  readonly branch: string;
  readonly changes: 'commit' | 'merge-request';
  readonly route: DeployRoute;
  /** The folder it has in the repository, null where its branch alone tells it apart. */
  readonly path: string | null;
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
  const { name = '', credential, ssh_key: key, route = 'engine' } = section;
  const path: Path = ['repositories', known.index];
  check(reading, section, { ...known, path });
  checkForge(reading, section, path);
  checkBranches(reading, section, path);
  const environments = environmentsOf(section);
  return {
    ...{ name, route, layout: layoutOf(section), place: placeOf(reading, section, path) },
    environments: Object.fromEntries(
      environments.map(([environment, each]) => [environment, environmentOf(section, each)]),
    ),
    ...{ labels: section.labels ?? [], message: section.message ?? null },
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

function layoutOf({ layout, group }: RepositorySection): Layout {
  return layout ?? (group === undefined ? 'fleet' : 'single');
}

function environmentsOf({
  environments = { production: {} },
}: RepositorySection): readonly (readonly [string, EnvironmentSection])[] {
  return Object.entries(environments).filter(([name]) => !name.startsWith('x-'));
}

function environmentOf(
  { branch = 'main', changes = 'commit', route = 'engine' }: RepositorySection,
  each: EnvironmentSection,
): EnvironmentConfig {
  return {
    branch: each.branch ?? branch,
    changes: each.changes ?? changes,
    route: each.route ?? route,
    path: each.path ?? null,
  };
}

function check(
  { bot, complain }: Reading,
  { name, ssh_key: key }: RepositorySection,
  {
    index,
    keys,
    path,
  }: { readonly index: number; readonly keys: Readonly<Record<string, KeyConfig>>; readonly path: Path },
): void {
  if (name !== undefined && bot.repositories.findIndex((other) => other.name === name) !== index)
    complain([...path, 'name'], `Two repositories are called ${name}.`, 'Give each a name of its own.');
  if (key !== undefined && keys[key] === undefined)
    complain([...path, 'ssh_key'], `No key is called ${key}.`, 'Name one of those in ssh.keys.');
  if (key !== undefined && (keys[key]?.passphrase ?? null) !== null)
    complain(
      [...path, 'ssh_key'],
      `The key ${key} has a passphrase, and git cannot be given one.`,
      'Make a deploy key without a passphrase for this repository.',
    );
}

/** What only a GitLab project can do, and what it does in its own way. */
function checkForge({ complain }: Reading, section: RepositorySection, path: Path): void {
  const { project, group } = section;
  const isForge = project !== undefined || group !== undefined;
  const keep = 'Name the repository by `project` instead, or leave this out.';
  const refuse = (at: Path, each: EnvironmentSection): void => {
    if (each.route === 'pipeline')
      complain([...at, 'route'], 'Only a GitLab project has pipelines to deploy by.', keep);
    if (each.changes === 'merge-request')
      complain([...at, 'changes'], 'Only a GitLab project takes merge requests.', keep);
  };
  if (!isForge) {
    refuse(path, section);
    for (const [name, each] of environmentsOf(section)) refuse([...path, 'environments', name], each);
    for (const key of ['labels', 'message'] as const)
      if (section[key] !== undefined)
        complain([...path, key], `Only a GitLab project has use for ${key}.`, keep);
  }
  for (const key of ['credential', 'ssh_key'] as const)
    if (isForge && section[key] !== undefined)
      complain([...path, key], 'Git logs in to GitLab with the token under `gitlab`.', 'Leave this out.');
  if (group !== undefined && section.layout === 'fleet')
    complain(
      [...path, 'layout'],
      'Every project of a group is one service.',
      'Leave the layout out, or name a repository with many services by `project`.',
    );
}

/** The pipeline of a commit knows its branch and nothing else: it would deploy another environment of that branch. */
function checkBranches({ complain }: Reading, section: RepositorySection, path: Path): void {
  const all = environmentsOf(section).map(([name, each]) => ({ name, ...environmentOf(section, each) }));
  for (const { name, branch, route } of all) {
    const twin = all.find((other) => other.name !== name && other.branch === branch);
    if (route !== 'pipeline' || twin === undefined) continue;
    const own = section.environments?.[name]?.route !== undefined;
    complain(
      [...path, ...(own ? ['environments', name] : []), 'route'],
      `${name} and ${twin.name} share the branch ${branch}, so a pipeline cannot know which of them to deploy.`,
      'Give each environment a branch of its own, or leave this one to the route `engine`.',
    );
  }
}

function placeOf(
  { folder, complain }: Reading,
  { path, url, project, group }: RepositorySection,
  at: Path,
): PlaceConfig {
  if (project !== undefined) return { kind: 'project', project: String(project) };
  if (group !== undefined) return { kind: 'group', group: String(group) };
  if (path === undefined) return { kind: 'git', url: url ?? '' };
  const local = resolve(folder, path);
  if (!isDirectory(local))
    complain([...at, 'path'], `${local} is not a folder.`, 'Name a folder with a Git repository.');
  return { kind: 'git', url: local };
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
