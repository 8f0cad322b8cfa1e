import { posix } from 'node:path';
import type { Tree } from '../ports.ts';
import { configFolder, definitionsAmong, type DefinitionPlace } from './definition-paths.ts';

/** The files one definition consists of. */
export interface DefinitionFiles {
  /** The service file. */
  readonly file: string;
  /** What the service is called if nobody could read the file. */
  readonly fallbackName: string;
  /** Fleet layout: the folder's name. */
  readonly category: string | null;
  /** Files uploaded with it: path on the host below the install path → path in the repository. */
  readonly uploads: Readonly<Record<string, string>>;
  /** Files that belong to it and stay here, such as `.env.example`. */
  readonly others: readonly string[];
}

const composeNames = ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml'];

/** Finds the definitions in a tree. `name` is for a single service nobody can read. */
export function findDefinitions(
  tree: Tree,
  place: DefinitionPlace,
  name: string,
): readonly DefinitionFiles[] {
  return place.layout === 'fleet' ? findFleet(tree, place.root) : findSingle(tree, place, name);
}

function findFleet(tree: Tree, root: string): readonly DefinitionFiles[] {
  const prefix = root === '' ? '' : `${root}/`;
  const files = definitionsAmong(tree.paths, { layout: 'fleet', root });
  const folders = new Map<string, string[]>();
  for (const path of tree.paths) {
    if (!path.startsWith(prefix)) continue;
    const parts = path.slice(prefix.length).split('/');
    // A folder beside the definition, of the same name, holds files that go with it.
    for (const depth of [1, 2]) {
      if (parts.length <= depth) continue;
      const folder = prefix + parts.slice(0, depth).join('/');
      folders.set(folder, [...(folders.get(folder) ?? []), path]);
    }
  }
  const definitions = new Set(files);
  return files.map((file) => {
    const folder = file.replace(/\.ya?ml$/, '');
    const beside = (folders.get(folder) ?? []).filter((path) => !definitions.has(path));
    const parts = file.slice(prefix.length).split('/');
    return {
      file,
      fallbackName: posix.basename(folder),
      category: parts.length === 2 ? (parts[0] ?? null) : null,
      uploads: Object.fromEntries(beside.map((path) => [path.slice(folder.length + 1), path])),
      others: [],
    };
  });
}

function findSingle(tree: Tree, place: DefinitionPlace, name: string): readonly DefinitionFiles[] {
  const [file] = definitionsAmong(tree.paths, place);
  if (file === undefined) return [];
  const config = `${configFolder(place)}/`;
  const below = tree.paths.filter((path) => path.startsWith(config)).map((path) => path.slice(config.length));
  const compose = composeNames.find((one) => below.includes(one));
  const stays = (name: string) => name === '.env.example' || composeNames.includes(name);
  const uploads = below.filter((name) => !stays(name)).map((name) => [name, config + name] as const);
  return [
    {
      file,
      fallbackName: name,
      category: null,
      uploads: Object.fromEntries([
        ...(compose === undefined ? [] : [['docker-compose.yml', config + compose] as const]),
        ...uploads,
      ]),
      others: below.includes('.env.example') ? [`${config}.env.example`] : [],
    },
  ];
}
