/** The public contract: the files people and pipelines write, read into typed values or problems with their place. */
export type * from './bot-file.ts';
export { seconds } from './bot-file.ts';
export type * from './compose-file.ts';
export type * from './record-files.ts';
export type * from './sentinel-file.ts';
export type * from './service-file.ts';
export { nearest } from './nearest.ts';
export * from './parse.ts';
export {
  at,
  dotted,
  type Locate,
  type Parsed,
  type Path,
  type Place,
  type SchemaProblem,
} from './problem.ts';
export { schemas, type SchemaName } from './validators.ts';
