import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import botSchema from './bot-schema.json' with { type: 'json' };
import changesSchema from './changes-schema.json' with { type: 'json' };
import composeSchema from './compose-schema.json' with { type: 'json' };
import planSchema from './plan-schema.json' with { type: 'json' };
import resultSchema from './result-schema.json' with { type: 'json' };
import sentinelSchema from './sentinel-schema.json' with { type: 'json' };
import serviceSchema from './service-schema.json' with { type: 'json' };
import verificationSchema from './verification-schema.json' with { type: 'json' };

export const schemas = {
  service: serviceSchema,
  sentinel: sentinelSchema,
  bot: botSchema,
  changes: changesSchema,
  verification: verificationSchema,
  plan: planSchema,
  result: resultSchema,
  compose: composeSchema,
} as const;
/** Marks the fields that hold the name of a secret. */
export const secretName = 'x-secret-name';
export type SchemaName = keyof typeof schemas;

// `verbose` gives every error the schema it broke, from which hints are made.
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, verbose: true });
// The name of a secret is written there, so whatever else is there may be its value and is never repeated.
ajv.addKeyword({ keyword: secretName, schemaType: 'boolean' });
const compiled = new Map<SchemaName, ValidateFunction>();

/** Everything wrong with a value; each schema is compiled once, when it is first needed. */
export function violations(name: SchemaName, value: unknown): readonly ErrorObject[] {
  let validate = compiled.get(name);
  if (validate === undefined) compiled.set(name, (validate = ajv.compile(schemas[name])));
  return validate(value) ? [] : (validate.errors ?? []);
}
