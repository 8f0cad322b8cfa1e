import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { createSpec, type Spec, usualSpecPath } from '../contract/spec.ts';
import { violationsOf } from '../contract/validators.ts';
import { asList, asRecord, isRecord } from '../json.ts';
import type { Reply } from './reply.ts';

/** One request with its answer, by its template in the description. */
export interface PiholeExchange {
  readonly method: string;
  readonly template: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** Null where a fault took its place. */
  readonly reply: Reply | null;
}

/** Compares every exchange with Pi-hole's official OpenAPI description, where that lies beside the checkout. */
export interface PiholeContract {
  readonly available: boolean;
  readonly violations: readonly string[];
  inspect(exchange: PiholeExchange): void;
}

let known: Spec | null | undefined;

export function createPiholeContract(): PiholeContract {
  known ??= readDescription();
  const spec = known;
  const found = new Set<string>();
  return {
    available: spec !== null,
    get violations() {
      return [...found];
    },
    inspect(exchange) {
      if (spec === null) return;
      for (const violation of check(spec, exchange))
        found.add(`${exchange.method} ${exchange.template}: ${violation}`);
    },
  };
}

function readDescription(): Spec | null {
  const path = join(dirname(usualSpecPath()), 'pihole-v6.openapi.yaml');
  return existsSync(path) ? createSpec(asRecord(parse(readFileSync(path, 'utf8')))) : null;
}

function check(spec: Spec, { method, template, query, body, reply }: PiholeExchange): readonly string[] {
  const operation = spec.operation(method, template);
  if (operation === undefined) return ['not in the description'];
  const parameters = asList(operation['parameters']).map((each) => spec.resolve(each));
  const strange = [...query.keys()].filter(
    (key) => !parameters.some(({ in: place, name }) => place === 'query' && name === key),
  );
  const asked = schemaOf(spec, operation['requestBody']);
  return [
    ...strange.map((key) => `unknown parameter ${key}`),
    ...(asked === null && body !== undefined ? ['a body where none is taken'] : []),
    ...(asked === null ? [] : violationsOf(spec, asked, body ?? null).map((each) => `body ${each}`)),
    ...(asked === null ? [] : unknownKeys(spec, asked, body)),
    ...(reply === null ? [] : checkAnswer(spec, operation, reply)),
  ];
}

/** A refused login is a session in real life, and an error in the description. */
function checkAnswer(
  spec: Spec,
  operation: Record<string, unknown>,
  { status, body }: Reply,
): readonly string[] {
  const schema = schemaOf(spec, asRecord(operation['responses'])[String(status)]);
  if (schema === null || status >= 400) return [];
  const wire: unknown = JSON.parse(JSON.stringify(body ?? null));
  return violationsOf(spec, schema, wire).map((each) => `answer ${each}`);
}

function unknownKeys(spec: Spec, schema: Record<string, unknown>, body: unknown): readonly string[] {
  const properties = asRecord(spec.resolve(schema)['properties']);
  return Object.keys(asRecord(body)).flatMap((key) => (key in properties ? [] : [`body has unknown ${key}`]));
}

function schemaOf(spec: Spec, holder: unknown): Record<string, unknown> | null {
  const content = asRecord(spec.resolve(holder)['content']);
  const schema = asRecord(content['application/json'])['schema'];
  return isRecord(schema) ? spec.resolve(schema) : null;
}
