import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Spec } from './spec.ts';

const ajvs = new WeakMap<
  Spec,
  { readonly ajv: Ajv2020; readonly compiled: Map<unknown, ValidateFunction> }
>();

/** What is wrong with a value, most specific first; empty when nothing is. Schemas compile on first use. */
export function violationsOf(spec: Spec, schema: Record<string, unknown>, value: unknown): readonly string[] {
  const { ajv, compiled } = ajvFor(spec);
  const validate = compiled.get(schema) ?? ajv.compile(withDocument(schema));
  compiled.set(schema, validate);
  return validate(value) ? [] : mostSpecific(validate.errors ?? []);
}

function ajvFor(spec: Spec) {
  const known = ajvs.get(spec);
  if (known !== undefined) return known;
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  ajv.addFormat('snowflake', /^\d+$/);
  ajv.addFormat('nonce', true);
  ajv.addSchema({ ...spec.document, $id: 'discord' }, 'discord');
  const made = { ajv, compiled: new Map<unknown, ValidateFunction>() };
  ajvs.set(spec, made);
  return made;
}

/** References inside the description are relative to it, so they get its name. */
function withDocument(schema: unknown): object {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"discord#/');
  return JSON.parse(text) as object;
}

const NOISE = ['oneOf', 'anyOf', 'allOf', 'const', 'if'];

/** Under a union every branch complains; the deepest complaint that is not about the union itself says most. */
function mostSpecific(errors: readonly ErrorObject[]): readonly string[] {
  const telling = errors.filter(({ keyword }) => !NOISE.includes(keyword));
  const ranked = (telling.length > 0 ? telling : errors).toSorted((a, b) => depth(b) - depth(a));
  return [...new Set(ranked.map(describe))];
}

function depth({ instancePath }: ErrorObject): number {
  return instancePath.split('/').length;
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const allowed = 'allowedValues' in params ? ` (${JSON.stringify(params['allowedValues'])})` : '';
  return `${instancePath === '' ? '/' : instancePath} ${message ?? 'is wrong'}${allowed}`;
}
