import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Inventory, Repository, Tree } from '../../../engine/index.ts';
import { createSource, parseInventory, type SourceOptions } from '../../../engine/definitions/index.ts';

const unused = () => Promise.reject(new Error('reading definitions needs no Git'));

/** A repository whose trees the test makes itself. */
export const repository: Repository = {
  name: 'homelab',
  resolve: unused,
  tree: unused,
  info: unused,
  diff: unused,
  commit: unused,
  publish: unused,
  offer: unused,
  withdraw: unused,
};

export type Files = Readonly<Record<string, string>>;

/** A tree that counts how often its files are read. */
export function treeOf(files: Files, revision = 'c0ffee'): Tree & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    revision,
    paths: Object.keys(files),
    reads,
    executable: (path) => path.endsWith('.sh'),
    blob: (path) =>
      path in files
        ? createHash('sha1')
            .update(files[path] ?? '')
            .digest('hex')
        : undefined,
    read(path) {
      reads.push(path);
      return files[path];
    },
  };
}

/** All files below a folder of this project. */
export function filesBelow(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const paths = entries.map((entry) => relative(folder, join(entry.parentPath, entry.name))).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

export const sentinelYml =
  'domain: example.net\nhosts:\n  h1: { address: 127.0.0.11 }\n  web-host: { address: 127.0.0.12 }\n';

export function fleetSource(more: Partial<SourceOptions> = {}) {
  return createSource({ repository, layout: 'fleet', ...more });
}

/** Loads definitions of the fleet layout beside a sentinel.yml. */
export function loadFleet(services: Files, inventory = sentinelYml) {
  const tree = treeOf({ 'sentinel.yml': inventory, ...services });
  return fleetSource().load(tree, 'production');
}

/** Loads a single repository. */
export function loadSingle(files: Files) {
  return createSource({ repository, layout: 'single' }).load(
    treeOf({ 'sentinel.yml': sentinelYml, ...files }),
    'production',
  );
}

export function inventoryOf(text: string, environment = 'production'): Inventory {
  const parsed = parseInventory(text, 'sentinel.yml', environment);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** A service file with only what it must have. */
export function definition(
  name: string,
  more: { readonly deployment?: string; readonly rest?: string } = {},
): string {
  return `service:\n  name: ${name}\ndeployment:\n  target_host: h1\n  image: nginx:1.27\n${more.deployment ?? '  port: null\n'}${more.rest ?? ''}`;
}
