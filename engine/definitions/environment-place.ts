import type { Layout } from '../types.ts';
import { configFolder, definitionsAmong, inventoryFile, usualPlace } from './definition-paths.ts';
import type { DefinitionPlace } from './definition-paths.ts';

export interface PlaceOptions {
  readonly layout: Layout;
  /** The folder somebody named for the definitions of every environment. */
  readonly servicesPath?: string | undefined;
  /** By environment, the folder its definitions are in. */
  readonly environmentPaths?: Readonly<Record<string, string>> | undefined;
}

/** The folder environments have a folder of their own in, unless something else is configured. */
const environmentsFolder = 'environments';

/**
 * Where the definitions of one environment are: where it is configured, else in its folder as soon as any environment
 * has one, else where they are for all of them. An environment without a folder then has no services: it must never get
 * those of another.
 */
export function placeIn(
  paths: readonly string[],
  environment: string,
  { layout, servicesPath, environmentPaths = {} }: PlaceOptions,
): DefinitionPlace {
  const configured = Object.hasOwn(environmentPaths, environment) ? environmentPaths[environment] : undefined;
  if (configured !== undefined) return inFolder(paths, { layout, folder: configured, root: configured });
  if (servicesPath !== undefined) return { layout, root: servicesPath, servicesPath };
  const usual = usualPlace(layout);
  if (definitionsAmong(insideEnvironments(paths), usual).length === 0) return usual;
  const folder = `${environmentsFolder}/${environment}`;
  return inFolder(paths, { layout, folder, root: usual.root === '' ? folder : `${folder}/${usual.root}` });
}

/** How a repository is laid out, its environments' folders included. */
export function layoutIn(paths: readonly string[]): Layout {
  const inside = insideEnvironments(paths);
  const separate = (['single', 'fleet'] as const).some(
    (layout) => definitionsAmong(inside, usualPlace(layout)).length > 0,
  );
  return layoutOf(separate ? inside : paths);
}

/** Paths as an environment with a folder of its own sees them, of all environments together. */
function insideEnvironments(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const [top, name, ...rest] = path.split('/');
    return top === environmentsFolder && name !== undefined && rest.length > 0 ? [rest.join('/')] : [];
  });
}

/** How a repository is laid out, judged by its files. */
export function layoutOf(paths: readonly string[]): Layout {
  const single = definitionsAmong(paths, usualPlace('single')).length > 0;
  return single && definitionsAmong(paths, usualPlace('fleet')).length === 0 ? 'single' : 'fleet';
}

function inFolder(
  paths: readonly string[],
  { layout, folder, root }: { readonly layout: Layout; readonly folder: string; readonly root: string },
): DefinitionPlace {
  const ownFile = `${folder}/${inventoryFile}`;
  const inventories = paths.includes(ownFile) ? [ownFile] : [ownFile, inventoryFile];
  if (layout === 'fleet') return { layout, root, inventories };
  // One compose file for all environments, unless this one has its own.
  const own = configFolder({ root });
  const config = paths.some((path) => path.startsWith(`${own}/`)) ? own : 'config';
  return { layout, root, config, inventories };
}

/** The sentinel.yml that holds for definitions in that place, of the files there are. */
export function inventoryIn(
  { inventories = [inventoryFile] }: DefinitionPlace,
  exists: (path: string) => boolean,
): string | undefined {
  return inventories.find(exists);
}
