/** Looks at stored values of unknown origin: in the database, and on hosts. */
export * from './shape.ts';
export { step } from './step.ts';
