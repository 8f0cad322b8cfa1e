/** The public face of the engine; other folders import nothing past it. */
export * from './types.ts';
export * from './problems.ts';
export * from './events.ts';
export * from './changes-anything.ts';
export * from './statistics.ts';
export { notDeployedYet } from './status.ts';
export * from './holdings/fold.ts';
export type { Held } from './holdings/held.ts';
export { fieldsOf, isRecord, parseJson } from './json.ts';
export * as shapes from './shapes/index.ts';
export type * from './ports.ts';
export type * from './storage.ts';
export type * from './face.ts';
export * as doctor from './doctor/index.ts';
