import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { dirname, join } from 'node:path';
import { readSpec, type Spec, usualSpecPath } from '../../contract/spec.ts';
import { asList, asRecord, isRecord } from '../../json.ts';

export interface Exchange {
  readonly method: string;
  readonly template: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
}
/** Compares every exchange with Authentik's official OpenAPI description. */
export interface Contract {
  /** False when the description is absent: then nothing is checked. */
  readonly available: boolean;
  readonly checked: number;
  readonly violations: readonly string[];
}

/** The description is reduced to some areas of the API; these lie outside it. */
const outside = [/^\/providers\/oauth2\//, /^\/crypto\//];

export function createContract(): Contract & { inspect: (exchange: Exchange) => void } {
  const spec = readSpec(join(dirname(usualSpecPath()), 'authentik.openapi.json'));
  const validate = spec === null ? null : validatorOf(spec);
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
    inspect(exchange) {
      const { method, template } = exchange;
      if (spec === null || validate === null || outside.some((area) => area.test(template))) return;
      checked += 1;
      const operation = spec.operation(method, template);
      const lines =
        operation === undefined
          ? ['not in the description']
          : [
              ...checkQuery(spec, operation, exchange.query),
              ...checkBody(spec, validate, { operation, body: exchange.body }),
              ...checkAnswer(spec, validate, { operation, exchange }),
            ];
      for (const line of lines) found.add(`${method} ${template}: ${line}`);
    },
  };
}

type Validator = (schema: Record<string, unknown>, value: unknown) => string | null;

function checkQuery(spec: Spec, operation: Record<string, unknown>, query: URLSearchParams) {
  const known = asList(operation['parameters']).map((each) => spec.resolve(each)['name']);
  return [...query.keys()].filter((key) => !known.includes(key)).map((key) => `unknown query ${key}`);
}

function checkBody(
  spec: Spec,
  validate: Validator,
  { operation, body }: { operation: Record<string, unknown>; body: unknown },
): readonly string[] {
  const schema = jsonSchema(spec, operation['requestBody']);
  if (schema === null || body === undefined) return [];
  const problem = validate(schema, body);
  const properties = asRecord(spec.resolve(schema)['properties']);
  const unknown = Object.keys(asRecord(body)).filter((key) => !(key in properties));
  return [
    ...(problem === null ? [] : [`request ${problem}`]),
    ...unknown.map((key) => `request has the unknown field ${key}`),
  ];
}

function checkAnswer(
  spec: Spec,
  validate: Validator,
  { operation, exchange }: { operation: Record<string, unknown>; exchange: Exchange },
): readonly string[] {
  const response = asRecord(operation['responses'])[String(exchange.status)];
  // The description leaves out 404, as every operation on one thing has it.
  if (response === undefined) return exchange.status === 404 ? [] : [`never answers ${exchange.status}`];
  const schema = jsonSchema(spec, response);
  if (schema === null) return [];
  const problem = validate(schema, JSON.parse(JSON.stringify(exchange.answer ?? null)));
  return problem === null ? [] : [`response ${exchange.status} ${problem}`];
}

function jsonSchema(spec: Spec, holder: unknown): Record<string, unknown> | null {
  const schema = asRecord(asRecord(spec.resolve(holder)['content'])['application/json'])['schema'];
  return isRecord(schema) ? schema : null;
}

const validators = new WeakMap<Spec, Validator>();

/** Compiled once for each process: it takes longer than a test. */
function validatorOf(spec: Spec): Validator {
  const made = validators.get(spec) ?? createValidator(spec);
  validators.set(spec, made);
  return made;
}

function createValidator(spec: Spec): Validator {
  const ajv = new Ajv({ strict: false, validateSchema: false });
  formats.default(ajv);
  // Django takes an empty text for an empty address.
  ajv.addFormat('uri', (text) => text === '' || URL.canParse(text));
  ajv.addSchema({ ...asRecord(asJsonSchema(spec.document)), $id: 'authentik' }, 'authentik');
  const compiled = new WeakMap<object, ValidateFunction>();
  return (schema, value) => {
    const validate = compiled.get(schema) ?? ajv.compile(asRecord(asJsonSchema(schema)));
    compiled.set(schema, validate);
    if (validate(value)) return null;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'is wrong'}`;
  };
}

/** OpenAPI's `nullable` means nothing to a JSON Schema validator beside a reference, and references get the file's name. */
function asJsonSchema(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (!isRecord(node)) return node;
  const { nullable, ...rest } = node;
  const entries = Object.entries(rest).map(([key, value]) =>
    key === '$ref' && typeof value === 'string'
      ? [key, value.replace(/^#/, 'authentik#')]
      : [key, asJsonSchema(value)],
  );
  const plain: unknown = Object.fromEntries(entries);
  return nullable === true ? { anyOf: [plain, { type: 'null' }] } : plain;
}
