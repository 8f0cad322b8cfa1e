import type { Repository } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { Result } from '../../types.ts';
import type { Git } from '../git/git.ts';
import type { Gitlab } from './gitlab.ts';

/** A person as Git knows them. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** What every way of bringing a change into a project works with. */
export interface ChangePlace {
  readonly gitlab: Gitlab;
  /** Id or path. */
  readonly project: number | string;
  /** For people. */
  readonly name: string;
  /** On the mirror below `mirrored`. */
  readonly git: Git;
  readonly mirrored: Repository;
  /** Who an actor is in Git, where the configuration says so. */
  readonly people: (actor: string) => Person | null;
  readonly messageTemplate: string;
  readonly labels: readonly string[];
  /** The address of a page of the project, or null where only its number is known. */
  readonly pageOf: (page: string) => string | null;
}

/** Fetches, and answers where the environment's branch is now. */
export async function fetchHead(
  { mirrored }: ChangePlace,
  environment: string,
  signal: AbortSignal,
): Promise<Result<string>> {
  const head = await mirrored.resolve({ environment }, signal);
  return head.ok ? { ok: true, value: head.value.commit } : head;
}

export async function asResult<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problems: [error.problem] };
    throw error;
  }
}
