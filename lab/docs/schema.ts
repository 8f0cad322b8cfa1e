/** The part of JSON Schema our schemas are written in. */
export interface Schema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-secret-name'?: boolean;
}

/** What a `$ref` of this file means; another schema is itself. */
export function resolve(root: Schema, schema: Schema): Schema {
  const { $ref, ...own } = schema;
  if ($ref === undefined) return schema;
  const parts = $ref.replace(/^#\//, '').split('/');
  const found = parts.reduce<unknown>((at, part) => memberOf(at, part), root);
  if (!isSchema(found)) throw new Error(`${$ref} leads nowhere`);
  return { ...resolve(root, found), ...own };
}

export function parseSchema(text: string): Schema {
  const value: unknown = JSON.parse(text);
  if (!isSchema(value)) throw new Error('not a schema');
  return value;
}

/** What an entry of a map is called: `<name>`; keys for the owner's own notes are left out. */
export function entryOf({ patternProperties = {} }: Schema): Schema | null {
  return Object.entries(patternProperties).find(([pattern]) => pattern !== '^x-')?.[1] ?? null;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
