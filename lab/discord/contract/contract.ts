import { asList, asRecord, isRecord } from '../../json.ts';
import type { Exchange } from '../server.ts';
import { unknownKeys } from './known-keys.ts';
import { readSpec, usualSpecPath, type Spec } from '../../contract/spec.ts';
import { violationsOf } from '../../contract/validators.ts';

/** Compares every exchange with Discord's official OpenAPI description. */
export interface Contract {
  /** False when the description is absent or switched off: then nothing is checked. */
  readonly available: boolean;
  readonly checked: number;
  readonly violations: readonly string[];
  /** Takes back what was found, for tests that send wrong requests on purpose. */
  clear(): void;
}

export function createContract(
  path: string | false | undefined,
): Contract & { inspect: (exchange: Exchange) => void } {
  const spec = path === false ? null : readSpec(path ?? usualSpecPath());
  const found = new Set<string>();
  let checked = 0;
  return {
    available: spec !== null,
    get checked() {
      return checked;
    },
    get violations() {
      return [...found];
    },
    clear: () => found.clear(),
    inspect: (exchange) => {
      if (spec === null) return;
      checked += 1;
      for (const violation of check(spec, exchange)) found.add(violation);
    },
  };
}

function check(spec: Spec, exchange: Exchange): readonly string[] {
  const { method, template } = exchange.route;
  const operation = spec.operation(method, template);
  const name = `${method} ${template}`;
  if (operation === undefined) return [`${name}: not in the description`];
  return [
    ...checkQuery(spec, operation, exchange).map((each) => `${name} query: ${each}`),
    ...checkBody(spec, operation, exchange).map((each) => `${name} request: ${each}`),
    ...checkAnswer(spec, operation, exchange).map(
      (each) => `${name} response ${exchange.answer.status}: ${each}`,
    ),
  ];
}

function checkQuery(spec: Spec, operation: Record<string, unknown>, { query }: Exchange): readonly string[] {
  const parameters = asList(operation['parameters']).map((each) => spec.resolve(each));
  const known = parameters.filter((each) => each['in'] === 'query');
  return [...query].flatMap(([key, value]) => {
    const parameter = known.find((each) => each['name'] === key);
    if (parameter === undefined) return [`unknown parameter ${key}`];
    const schema = asRecord(parameter['schema']);
    const readings = [value, ...(/^(true|false|-?\d+)$/.test(value) ? [JSON.parse(value) as unknown] : [])];
    const problems = readings.map((reading) => violationsOf(spec, schema, reading));
    return problems.some((each) => each.length === 0) ? [] : [`${key} ${problems[0]?.[0] ?? 'is wrong'}`];
  });
}

/** A multipart body was already read: its `payload_json` is held against the JSON schema. */
function checkBody(spec: Spec, operation: Record<string, unknown>, { payload }: Exchange): readonly string[] {
  const schema = jsonSchema(spec, operation['requestBody']);
  if (schema === null || payload.body === undefined) return [];
  const body = withNumbers(payload.body);
  return [...violationsOf(spec, schema, body).slice(0, 1), ...unknownKeys(spec, schema, body)];
}

function checkAnswer(
  spec: Spec,
  operation: Record<string, unknown>,
  { answer }: Exchange,
): readonly string[] {
  const responses = asRecord(operation['responses']);
  const exact = responses[String(answer.status)];
  const response = exact ?? responses[`${String(answer.status)[0] ?? ''}XX`];
  if (response === undefined) return ['a status Discord does not answer with here'];
  const schema = jsonSchema(spec, response);
  if (schema === null) return answer.body === undefined ? [] : ['a body where Discord sends none'];
  const wire: unknown = JSON.parse(JSON.stringify(answer.body ?? null));
  // The description wants numbers for the codes inside `errors`; Discord really sends words like BASE_TYPE_REQUIRED.
  if (answer.status >= 400 && isRecord(wire)) delete wire['errors'];
  return violationsOf(spec, schema, wire).slice(0, 1);
}

function jsonSchema(spec: Spec, holder: unknown): Record<string, unknown> | null {
  const content = asRecord(spec.resolve(holder)['content']);
  const schema = asRecord(content['application/json'])['schema'];
  return isRecord(schema) ? schema : null;
}

/** The one place where every client sends a string and the description wants a number. */
function withNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNumbers);
  if (!isRecord(value)) return value;
  const { default_member_permissions: permissions } = value;
  return typeof permissions === 'string' && /^\d+$/.test(permissions)
    ? { ...value, default_member_permissions: Number(permissions) }
    : value;
}
