import { basename } from 'node:path/posix';
import { parseDocument } from 'yaml';
import type { Layout } from '../types.ts';

/** The hosts and defaults every definition is read with. */
export const inventoryFile = 'sentinel.yml';

const singleDefinition = /^service\.ya?ml$/;
const fleetDefinition = /^services\/(?:[^/.][^/]*\/)*[^/.][^/]*\.ya?ml$/;

/** True for the file a service is defined in. */
export function isDefinition(path: string, layout: Layout): boolean {
  return (layout === 'fleet' ? fleetDefinition : singleDefinition).test(path);
}

/** True for a file whose change concerns a single-service repository's one service. */
export function belongsToSingle(path: string): boolean {
  return singleDefinition.test(path) || path.startsWith('config/');
}

/** How a repository is laid out, judged by its files. */
export function layoutOf(paths: readonly string[]): Layout {
  const fleet = paths.some((path) => fleetDefinition.test(path));
  return !fleet && paths.some((path) => singleDefinition.test(path)) ? 'single' : 'fleet';
}

/** The name in a definition, or its file's name where it cannot be read; validation tells what is wrong with it. */
export function serviceName(path: string, text: string): string {
  return nameIn(text) ?? basename(path).replace(/\.ya?ml$/, '');
}

function nameIn(text: string): string | undefined {
  const name: unknown = parseDocument(text, { logLevel: 'silent' }).getIn(['service', 'name']);
  return typeof name === 'string' && name !== '' ? name : undefined;
}
