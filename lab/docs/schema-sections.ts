import { entryOf, resolve, type Schema } from './schema.ts';
import { anchorOf, code, table } from './table.ts';

interface Place {
  /** `systems.traefik`, `repositories[]`, `hosts.<name>`; empty at the top. */
  readonly path: string;
  readonly schema: Schema;
}
interface Walk {
  readonly root: Schema;
  /** `bot.yml`, for headings, since files have sections of the same name. */
  readonly file: string;
  /** Where each `$ref` was shown first. */
  readonly shown: Map<string, string>;
}

/** A file's keys as Markdown: a section for each object, in the order of the schema. */
export function schemaSections(root: Schema, file: string): string {
  const walk: Walk = { root, file, shown: new Map() };
  return sections({ path: '', schema: root }, walk).join('\n\n');
}

function sections(place: Place, walk: Walk): readonly string[] {
  const { path, schema } = place;
  const properties = Object.entries(schema.properties ?? {}).map(([key, value]) => ({ key, value }));
  const fresh = properties.filter(
    ({ key }) => !walk.shown.has(`${place.schema.$ref ?? ''}/properties/${key}`),
  );
  const repeated = properties.filter((property) => !fresh.includes(property));
  const rows = fresh.map(({ key, value }) => row(place, { key, value }, walk));
  const own = [
    ...(path === ''
      ? []
      : [`### ${heading(path, walk)}`, ...(schema.description === undefined ? [] : [schema.description])]),
    ...(rows.length === 0 ? [] : [table(['key', 'is', 'default', 'what it is'], rows)]),
    ...(repeated.length === 0
      ? []
      : [
          again(
            place,
            repeated.map(({ key }) => key),
            walk,
          ),
        ]),
  ];
  const inside = fresh.flatMap(({ key, value }) => below({ path: join(path, key), schema: value }, walk));
  return [...own, ...inside];
}

/** Sections of what is inside a value: of an object itself, a map's entries, a list's items. */
function below({ path, schema }: Place, walk: Walk): readonly string[] {
  const ref = schema.$ref;
  if (ref !== undefined && walk.shown.has(ref)) return [];
  const target = { ...resolve(walk.root, schema), ...(ref === undefined ? {} : { $ref: ref }) };
  if (ref !== undefined) walk.shown.set(ref, sectionOf({ path, schema: target }));
  if (Object.keys(target.properties ?? {}).length > 0) return sections({ path, schema: target }, walk);
  const entry = entryOf(target);
  if (entry !== null) return below({ path: `${path}.<name>`, schema: entry }, walk);
  return target.items === undefined ? [] : below({ path: `${path}[]`, schema: target.items }, walk);
}

function row(
  { path, schema: parent }: Place,
  { key, value }: { readonly key: string; readonly value: Schema },
  walk: Walk,
): readonly string[] {
  const { root, shown } = walk;
  const full = resolve(root, value);
  const before = value.$ref === undefined ? undefined : shown.get(value.$ref);
  const needed = parent.required?.includes(key) === true;
  const see = before === undefined || !hasInside(full) ? '' : ` As ${link(before, walk)}.`;
  return [
    `${code(key)}${needed ? ' **needed**' : ''}`,
    kindOf(root, full),
    full.default === undefined ? '' : code(JSON.stringify(full.default).replaceAll('"', '')),
    `${full.description ?? ''}${limits(full)}${see === '' ? insideOf({ path: join(path, key), schema: full }, walk) : see}`,
  ];
}

function insideOf({ path, schema }: Place, walk: Walk): string {
  if (!hasInside(schema)) return '';
  const inner = resolve(walk.root, entryOf(schema) ?? schema.items ?? schema);
  return inner.properties === undefined ? '' : ` → ${link(sectionOf({ path, schema }), walk)}`;
}

/** The path of the section that tells what is inside. */
function sectionOf({ path, schema }: Place): string {
  if (schema.properties !== undefined) return path;
  return entryOf(schema) !== null ? `${path}.<name>` : schema.items !== undefined ? `${path}[]` : path;
}

function again({ schema }: Place, keys: readonly string[], walk: Walk): string {
  const first = walk.shown.get(`${schema.$ref ?? ''}/properties/${keys[0] ?? ''}`) ?? '';
  const parent = first.slice(0, first.lastIndexOf('.'));
  return `And what ${link(parent, walk)} takes of the same name: ${keys.map(code).join(', ')}.`;
}

/** In words a person writes YAML by. */
function kindOf(root: Schema, schema: Schema): string {
  if (schema['x-secret-name'] === true) return 'name of a secret';
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  const types = [schema.type ?? 'object'].flat();
  return types.map((type) => wordFor(type, { root, schema })).join(' or ');
}

function wordFor(type: string, { root, schema }: { readonly root: Schema; readonly schema: Schema }): string {
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
      return 'whole number';
    case 'boolean':
      return '`true` or `false`';
    case 'null':
      return 'nothing';
    case 'array':
      return schema.items === undefined
        ? 'list'
        : `list of ${plural(kindOf(root, resolve(root, schema.items)))}`;
    case 'object':
      return entryOf(schema) !== null && schema.properties === undefined ? 'section by name' : 'section';
    default:
      return type;
  }
}

const plural = (kind: string): string =>
  ['text', 'section', 'number', 'whole number'].includes(kind) ? `${kind}s` : kind;

function limits({ minimum, maximum, examples = [] }: Schema): string {
  const range = minimum !== undefined && maximum !== undefined ? ` ${minimum} to ${maximum}.` : '';
  const example = examples.map((value) => code(JSON.stringify(value))).join(', ');
  return `${range}${example === '' ? '' : ` For example ${example}.`}`;
}

const hasInside = (schema: Schema): boolean =>
  schema.properties !== undefined || entryOf(schema) !== null || schema.items !== undefined;
const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const heading = (path: string, { file }: Walk): string => `${code(path)} in ${file}`;
const link = (path: string, walk: Walk): string => `[${code(path)}](#${anchorOf(heading(path, walk))})`;
