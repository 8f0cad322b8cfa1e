import { basename } from 'node:path/posix';
import { parseDocument } from 'yaml';
import type { Layout } from '../types.ts';

/** The hosts and defaults every definition is read with. */
export const inventoryFile = 'sentinel.yml';

/** Where the definitions of a repository are. */
export interface DefinitionPlace {
  readonly layout: Layout;
  /** The folder they are in; the top of the repository is ''. */
  readonly root: string;
  /** Single layout: the folder of the compose file. Default: `config` beside the definition. */
  readonly config?: string;
  /** The folder somebody named for them, in every environment. */
  readonly servicesPath?: string;
  /** Files that would be sentinel.yml for them; the first that exists is. Default: the one at the top. */
  readonly inventories?: readonly string[];
}

/** Where definitions are unless somebody says otherwise. */
export function usualPlace(layout: Layout): DefinitionPlace {
  return { layout, root: layout === 'fleet' ? 'services' : '' };
}

/** The files services are defined in: `<root>/[<category>/]<name>.yml`, or the one `service.yml`. */
export function definitionsAmong(paths: readonly string[], place: DefinitionPlace): readonly string[] {
  if (place.layout === 'single') {
    const names = bothEndings(place.root === '' ? 'service' : `${place.root}/service`);
    return names.filter((name) => paths.includes(name)).slice(0, 1);
  }
  return paths.filter((path) => {
    const inside = below(path, place);
    // At the top of a repository other programs' files lie beside the definitions.
    return (
      inside !== undefined && inside !== inventoryFile && /^(?:[^/.][^/]*\/)?[^/.][^/]*\.ya?ml$/.test(inside)
    );
  });
}

/** The definitions a touched file can belong to: itself, or the one it lies beside. Not all of them need to exist. */
export function definitionsTouchedBy(path: string, place: DefinitionPlace): readonly string[] {
  const inside = below(path, place);
  const prefix = place.root === '' ? '' : `${place.root}/`;
  if (place.layout === 'single' && path.startsWith(`${configFolder(place)}/`))
    return bothEndings(`${prefix}service`);
  if (inside === undefined) return [];
  if (definitionsAmong([path], place).length > 0) return [path];
  if (place.layout === 'single') return [];
  const parts = inside.split('/');
  return [1, 2]
    .filter((depth) => parts.length > depth)
    .flatMap((depth) => bothEndings(prefix + parts.slice(0, depth).join('/')));
}

/** Where a single repository keeps its compose file and what is uploaded with it. */
export function configFolder({ root, config }: Pick<DefinitionPlace, 'root' | 'config'>): string {
  return config ?? (root === '' ? 'config' : `${root}/config`);
}

/** The name in a definition; where it cannot be read, the one it had, or its file's. Validation tells what is wrong. */
export function serviceName(path: string, text: string, last?: string): string {
  const name: unknown = nameIn(text);
  return typeof name === 'string' && name !== '' ? name : (last ?? basename(path).replace(/\.ya?ml$/, ''));
}

function nameIn(text: string): unknown {
  return parseDocument(text, { logLevel: 'silent' }).getIn(['service', 'name']);
}

function bothEndings(path: string): readonly string[] {
  return [`${path}.yml`, `${path}.yaml`];
}

function below(path: string, { root }: DefinitionPlace): string | undefined {
  if (root === '') return path;
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
}
