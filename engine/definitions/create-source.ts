import { nearest, parseServiceFile, readServiceName } from '../../schema/index.ts';
import type { DefinitionAt, Pipelines, Repository, Source, Tree } from '../ports.ts';
import type { Problem } from '../problems.ts';
import type { DeployRoute, Layout, Result } from '../types.ts';
import { checkFleet } from './check-fleet.ts';
import { createDefinitionCache, type DefinitionCache, type ReadDefinition } from './definition-cache.ts';
import { remember, type Definition } from './definition.ts';
import { schemaToProblem } from './fault.ts';
import { fleetDefinition } from './fleet-definition.ts';
import { findDefinitions, type DefinitionFiles } from './layout.ts';
import { inventoryFile, type DefinitionPlace } from './definition-paths.ts';
import { inventoryIn, placeIn } from './environment-place.ts';
import { emptySurroundings, missingInventory, readInventory, type Surroundings } from './read-inventory.ts';
import { setValues } from './set-values.ts';
import { setVersion } from './set-version.ts';
import { singleDefinition } from './single-definition.ts';

export interface SourceOptions {
  readonly repository: Repository;
  /** Default: none. */
  readonly pipelines?: Pipelines | null;
  /** Default: the engine. */
  readonly route?: DeployRoute;
  /** By environment, where it is another one. */
  readonly routes?: Readonly<Record<string, DeployRoute>>;
  readonly layout: Layout;
  /** What a single service is called while its file cannot be read. Default: the repository's name. */
  readonly name?: string;
  /** Folder with the definitions. Default: `services` (fleet), the root (single). */
  readonly servicesPath?: string;
  /**
   * By environment, the folder its definitions are in. Without this and `servicesPath`: `environments/<name>/` (fleet:
   * `services` in it) in a repository that has such folders.
   */
  readonly environmentPaths?: Readonly<Record<string, string>>;
  /** Holds where the repository has no sentinel.yml of its own. */
  readonly fallbackInventory?: { readonly file: string; readonly text: string };
}

type Read = ReadDefinition & { readonly files: DefinitionFiles };
interface Loaded {
  readonly loaded: ReturnType<Source['load']>;
  readonly all: readonly Read[];
}

/** A repository whose trees are read as services; what did not change since the last tree is not read again. */
export function createSource(options: SourceOptions): Source {
  const { repository, layout } = options;
  const cache = createDefinitionCache();
  const trees = new WeakMap<Tree, Map<string, Loaded>>();

  function load(tree: Tree, environment: string): Loaded {
    const known = trees.get(tree) ?? new Map<string, Loaded>();
    trees.set(tree, known);
    let found = known.get(environment);
    if (found === undefined)
      known.set(environment, (found = loadTree({ options, cache }, tree, environment)));
    return found;
  }
  function find({ tree, environment, service }: DefinitionAt): DefinitionFiles | undefined {
    return load(tree, environment).all.find(({ name }) => name === service)?.files;
  }

  function unknown({ tree, environment, service }: DefinitionAt): Result<never> {
    const names = load(tree, environment).all.map(({ name }) => name);
    return { ok: false, problems: [unknownService(service, names)] };
  }

  return {
    repository,
    pipelines: options.pipelines ?? null,
    route: options.route ?? 'engine',
    routes: options.routes ?? {},
    load: (tree, environment) => load(tree, environment).loaded,
    filesOf(at) {
      const files = find(at);
      return files === undefined ? [] : pathsOf(files);
    },
    setValues(at, edits) {
      const files = find(at);
      return files === undefined ? unknown(at) : setValues({ tree: at.tree, file: files.file, edits });
    },
    setVersion(at, version) {
      const files = find(at);
      return files === undefined ? unknown(at) : setVersion({ tree: at.tree, layout, files, version });
    },
  };
}

interface Loading {
  readonly options: SourceOptions;
  readonly cache: DefinitionCache;
}

function loadTree({ options, cache }: Loading, tree: Tree, environment: string): Loaded {
  const place = placeIn(tree.paths, environment, options);
  const { surroundings, problems } = surroundingsIn(
    { tree, place, fallback: options.fallbackInventory },
    environment,
  );
  const all = findDefinitions(tree, place, options.name ?? options.repository.name).map((files) => ({
    files,
    ...cache.get(keyOf(tree, files, `${environment} ${surroundings.inventory.source}`), () =>
      readDefinition(tree, files, { layout: options.layout, surroundings }),
    ),
  }));
  const definitions = all.flatMap(({ result }) => (result.ok ? [result.value] : []));
  const broken = all.filter(({ result }) => !result.ok).map(({ name }) => name);
  // Without an inventory every host would be unknown; its own problem says so once.
  const hosts =
    problems.length > 0
      ? definitions.map(({ service }) => service.host)
      : Object.keys(surroundings.inventory.hosts);
  const between = checkFleet({ definitions, hosts, broken });
  const bad = new Set(between.flatMap(({ services }) => services));
  const inventoryUsable = problems.length === 0;
  return {
    all,
    loaded: {
      fleet: {
        repository: options.repository.name,
        environment,
        revision: tree.revision,
        services: inventoryUsable
          ? definitions.filter((one) => !bad.has(one)).map(({ service }) => service)
          : [],
        inventory: surroundings.inventory,
      },
      problems: [
        ...problems,
        ...all.flatMap(({ result }) => (result.ok ? [] : result.problems)),
        ...between.map(({ problem }) => problem),
      ],
    },
  };
}

function surroundingsIn(
  {
    tree,
    place,
    fallback,
  }: {
    readonly tree: Tree;
    readonly place: DefinitionPlace;
    readonly fallback: SourceOptions['fallbackInventory'];
  },
  environment: string,
): { readonly surroundings: Surroundings; readonly problems: readonly Problem[] } {
  const file = inventoryIn(place, (path) => tree.blob(path) !== undefined);
  const own = file === undefined ? undefined : tree.read(file);
  const found = own === undefined || file === undefined ? fallback : { file, text: own };
  if (found === undefined)
    return { surroundings: emptySurroundings, problems: [missingInventory(file ?? inventoryFile)] };
  const read = readInventory(found.text, found.file, environment);
  return read.ok
    ? { surroundings: read.value, problems: [] }
    : { surroundings: emptySurroundings, problems: read.problems };
}

function readDefinition(
  tree: Tree,
  files: DefinitionFiles,
  { layout, surroundings }: { readonly layout: Layout; readonly surroundings: Surroundings },
): ReadDefinition {
  const result = definitionOf(tree, files, { layout, surroundings });
  const name = result.ok
    ? result.value.service.name
    : (readServiceName(tree.read(files.file) ?? '') ?? files.fallbackName);
  return { name, result };
}

function definitionOf(
  tree: Tree,
  files: DefinitionFiles,
  { layout, surroundings }: { readonly layout: Layout; readonly surroundings: Surroundings },
): Result<Definition> {
  const texts = new Map(pathsOf(files).map((path) => [path, tree.read(path)]));
  const unreadable = [...texts].filter(([, text]) => text === undefined).map(([path]) => path);
  if (unreadable.length > 0) return { ok: false, problems: unreadable.map(notText) };
  const parsed = parseServiceFile(texts.get(files.file) ?? '', files.file, { layout });
  if (!parsed.ok)
    return { ok: false, problems: parsed.problems.map((p) => schemaToProblem(p, 'definition-invalid')) };
  const input = {
    parsed,
    files,
    surroundings,
    texts: Object.fromEntries([...texts].map(([path, text]) => [path, text ?? ''])),
    executable: [...texts.keys()].filter((path) => tree.executable(path)),
  };
  const result = layout === 'fleet' ? fleetDefinition(input) : singleDefinition(input);
  return result.ok ? { ok: true, value: remember(result.value) } : result;
}

function pathsOf({ file, uploads, others }: DefinitionFiles): readonly string[] {
  return [file, ...Object.values(uploads), ...others];
}

/** The same key means the same result. */
function keyOf(tree: Tree, files: DefinitionFiles, context: string): string {
  return [
    context,
    ...pathsOf(files).map((path) => `${path} ${tree.blob(path) ?? ''} ${tree.executable(path)}`),
  ].join('\n');
}

function notText(path: string): Problem {
  return {
    code: 'definition-invalid',
    message: `${path} is not a text file below 1 MB, so it cannot be uploaded`,
    where: path,
    hint: 'keep large and binary files out of the repository and mount them from the host',
  };
}

function unknownService(service: string, names: readonly string[]): Problem {
  const meant = nearest(service, names);
  return {
    code: 'service-unknown',
    message: `no service is called ${service}`,
    ...(meant === undefined ? {} : { hint: `did you mean '${meant}'?` }),
  };
}
