import type { Problem } from '../problems.ts';

/** What a program on a host left behind when it failed. */
export interface CommandFailure {
  readonly host: string;
  /** As a person would write it: `docker compose pull`. */
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a text means, or null when it says nothing this rule knows. */
export type Rule = (
  text: string,
  failure: CommandFailure,
) => Pick<Problem, 'code' | 'message' | 'hint'> | null;
