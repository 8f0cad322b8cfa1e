import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asRecord, isRecord } from '../json.ts';

/** Discord's OpenAPI description, read by JSON pointer. */
export interface Spec {
  readonly document: Record<string, unknown>;
  /** Follows `$ref`s until something else is found. */
  readonly resolve: (node: unknown) => Record<string, unknown>;
  readonly operation: (method: string, template: string) => Record<string, unknown> | undefined;
}

/** Where the file lies when it is there: beside the checkout, never in it. */
export function usualSpecPath(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, '..', 'shared', 'contracts', 'discord.openapi.json');
}

const read = new Map<string, Spec>();

/** The description, read once for each process, or null when the file is absent. */
export function readSpec(path: string): Spec | null {
  if (!existsSync(path)) return null;
  const known = read.get(path);
  if (known !== undefined) return known;
  const document = asRecord(JSON.parse(readFileSync(path, 'utf8')));
  const spec = createSpec(document);
  read.set(path, spec);
  return spec;
}

/** Any OpenAPI description, already parsed. */
export function createSpec(document: Record<string, unknown>): Spec {
  const at = (pointer: string) =>
    pointer
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((node, key) => asRecord(node)[key], document);
  const resolve: Spec['resolve'] = (node) => {
    let found = node;
    while (isRecord(found) && typeof found['$ref'] === 'string') found = at(found['$ref'].slice(1));
    return asRecord(found);
  };
  return {
    document,
    resolve,
    operation: (method, template) => {
      const path = asRecord(asRecord(document['paths'])[template]);
      const operation = path[method.toLowerCase()];
      if (!isRecord(operation)) return undefined;
      const parameters = [path['parameters'], operation['parameters']].flatMap((list) =>
        Array.isArray(list) ? (list as readonly unknown[]) : [],
      );
      return { ...operation, parameters };
    },
  };
}
