import type { ErrorObject } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';
import { dotted, type Path, type SchemaProblem } from './problem.ts';
import { secretName } from './validators.ts';
import type { YamlText } from './yaml-text.ts';

interface Explanation {
  readonly message: string;
  readonly hint?: string | undefined;
  /** The place is the key's, not the value's. */
  readonly atKey?: string;
}

/** Turns what a validator found into sentences for the person who wrote the file, in the order of the file. */
export function explain(
  errors: readonly ErrorObject[],
  text: YamlText,
  schema: object,
): readonly SchemaProblem[] {
  const problems = errors.map((error) => explainOne(error, text, schema));
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}

function explainOne(error: ErrorObject, text: YamlText, root: object): SchemaProblem {
  const path = pathOf(error.instancePath, text.value);
  const hidden = mayBeSecret(error, path);
  const told = reason(error, hidden ? 'the value' : shown(error, path, text), root);
  const { message, atKey } = told;
  const hint = hidden ? hiddenHint(error) : told.hint;
  const place = atKey === undefined ? text.locate(path) : text.locateKey([...path, atKey]);
  const where = dotted(path);
  return {
    kind: 'schema',
    message: where === '' ? message : `${where}: ${message}`,
    ...place,
    ...(hint === undefined ? {} : { hint }),
  };
}

function reason(error: ErrorObject, value: string, root: object): Explanation {
  const schema: unknown = error.parentSchema;
  const told = text(field(schema, 'description'));
  const limit = String(field(error.params, 'limit'));
  switch (error.keyword) {
    case 'required':
      return missing(schema, String(field(error.params, 'missingProperty')));
    case 'additionalProperties':
      return unknownKey(schema, String(field(error.params, 'additionalProperty')), root);
    case 'type':
      return wrongType(error, value);
    case 'enum':
      return notListed(error, value);
    case 'pattern':
      return {
        message: `${value} does not match pattern '${String(field(error.params, 'pattern'))}'`,
        hint: suggestion(error) ?? told,
      };
    case 'uniqueItems':
      return { message: 'the same value appears twice', hint: 'keep one of the two' };
    default: {
      const beyond = limits[error.keyword]?.(value, limit);
      return { message: beyond ?? `${value} ${error.message ?? 'is not allowed'}`, hint: told };
    }
  }
}

const tooShort = (value: string, limit: string) => (limit === '1' ? 'it is empty' : `${value} is too short`);
const limits: Readonly<Record<string, (value: string, limit: string) => string>> = {
  maximum: (value, limit) => `${value} is greater than the maximum of ${limit}`,
  minimum: (value, limit) => `${value} is less than the minimum of ${limit}`,
  exclusiveMinimum: (value, limit) => `${value} is not greater than ${limit}`,
  maxLength: (value, limit) => `${value} is longer than ${limit} characters`,
  maxItems: (_, limit) => `there are more than ${limit}`,
  minLength: tooShort,
  minItems: tooShort,
  minProperties: tooShort,
};

function missing(schema: unknown, key: string): Explanation {
  const told = text(field(field(field(schema, 'properties'), key), 'description'));
  return { message: `${key} is required`, hint: told };
}

function unknownKey(schema: unknown, key: string, root: object): Explanation {
  const known = keysOf(field(schema, 'properties'));
  if (known.length === 0) {
    const pattern = keysOf(field(schema, 'patternProperties')).at(-1) ?? '';
    const message = `${key} does not match pattern '${pattern.replace('(?!x-)', '')}'`;
    return { message, hint: text(field(schema, 'description')), atKey: key };
  }
  const meant = nearest(key, known) ?? elsewhere(key, root);
  const listed =
    known.length > 12 ? 'the schema lists the keys that are allowed here' : `known keys: ${known.join(', ')}`;
  const hint = meant === undefined ? listed : `did you mean '${meant}'?`;
  return { message: `${key} is not a known key`, hint, atKey: key };
}

/** A key that is right but stands in the wrong section. */
function elsewhere(key: string, root: object): string | undefined {
  const sections = field(root, 'properties');
  for (const section of keysOf(sections)) {
    const meant = nearest(key, keysOf(field(field(sections, section), 'properties')));
    if (meant !== undefined) return `${section}.${meant}`;
  }
  return undefined;
}

function wrongType(error: ErrorObject, value: string): Explanation {
  const wanted = [field(error.params, 'type')].flat().map(String);
  const types = wanted.filter((type) => type !== 'null' || wanted.length === 1);
  const message = `${value} is not of type ${types.map((type) => `'${type}'`).join(' or ')}`;
  return { message, hint: typeHint(error.data, types) ?? text(field(error.parentSchema, 'description')) };
}

function typeHint(given: unknown, types: readonly string[]): string | undefined {
  if (given === null) return 'nothing stands after the colon; write a value or remove the key';
  if (typeof given === 'string') {
    if ((types.includes('integer') || types.includes('number')) && /^[0-9.]+$/.test(given))
      return `write ${given} without quotes`;
    if (types.includes('boolean')) return 'write true or false, without quotes';
    if (types.includes('array')) return `write a list: [${given}]`;
    return undefined;
  }
  if (types.includes('string') && typeof given !== 'object') return 'write it in quotes';
  return undefined;
}

function notListed(error: ErrorObject, value: string): Explanation {
  const allowed = [field(error.params, 'allowedValues')].flat().map(String);
  const meant = nearest(value, allowed);
  return {
    message: `${value} is not one of [${allowed.map((one) => `'${one}'`).join(', ')}]`,
    hint: meant === undefined ? text(field(error.parentSchema, 'description')) : `did you mean '${meant}'?`,
  };
}

/** A name nearly right is put right: `My Service` → `my-service`. */
function suggestion(error: ErrorObject): string | undefined {
  if (typeof error.data !== 'string') return undefined;
  const better = error.data
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9_/.:-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const pattern = new RegExp(String(field(error.params, 'pattern')), 'u');
  const told = text(field(error.parentSchema, 'description'));
  if (better === error.data || !pattern.test(better)) return undefined;
  return `did you mean '${better}'?${told === undefined ? '' : ` ${told}`}`;
}

/** Whether the name of a secret belongs there, or a map with one: whoever puts the value there must not see it again. */
function mayBeSecret({ keyword, parentSchema, data }: ErrorObject, path: Path): boolean {
  if (keyword === 'required' || keyword === 'additionalProperties' || data === null) return false;
  const parts = field(parentSchema, 'properties');
  return (
    field(parentSchema, secretName) === true ||
    keysOf(parts).some((key) => field(field(parts, key), secretName) === true) ||
    /token|password|passphrase|secret|webhook/i.test(dotted(path))
  );
}

function hiddenHint({ parentSchema }: ErrorObject): string | undefined {
  if (field(parentSchema, secretName) === true)
    return 'this looks like a value: put it in the secret store and write its name here';
  return text(field(parentSchema, 'description'));
}

/** The value as it was written, short. */
function shown(error: ErrorObject, path: Path, text: YamlText): string {
  if (error.data === null) return 'nothing';
  if (typeof error.data === 'object') return Array.isArray(error.data) ? 'a list' : 'a map';
  const whole = text.written(path) ?? JSON.stringify(error.data);
  return whole.length > 60 ? `${whole.slice(0, 57)}…` : whole;
}

function pathOf(pointer: string, root: unknown): Path {
  let value = root;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(value) ? Number(key) : key;
      value = field(value, key);
      return step;
    });
}

function field(value: unknown, key: string): unknown {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return found;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.split('\n')[0] : undefined;
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
