import { at, type Locate, type Path, type SchemaProblem } from '../../schema/index.ts';
import type { Problem, ProblemCode } from '../problems.ts';

/** What is wrong with a value, before its place in a file is looked up. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}

/** A fault as a problem of the definition, at the place it was written. */
export function faultToProblem(
  fault: Fault,
  locate: Locate,
  code: ProblemCode = 'definition-invalid',
): Problem {
  const { path, message, hint } = fault;
  return { code, message, where: at(locate(path)), ...(hint === undefined ? {} : { hint }) };
}

/** A problem the schema found; `code` says whose file it is. */
export function schemaToProblem(
  problem: SchemaProblem,
  code: 'definition-invalid' | 'configuration-invalid',
): Problem {
  return {
    code: problem.kind === 'yaml' ? 'yaml-invalid' : code,
    message: problem.message,
    where: at(problem),
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  };
}
