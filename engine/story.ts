import type { Emit, Happening } from './events.ts';
import { ProblemError } from './problems.ts';

/** Tells one deployment's story: numbers each happening, dates it and hands it to `emit`. */
export interface Story {
  tell(happening: Happening): void;
  /** Set once the journal refused; from then on nothing may be done any more. */
  readonly broken: Error | null;
}

export interface StoryOptions {
  readonly deployment: string;
  readonly firstSeq: number;
  readonly now: () => Date;
  readonly emit: Emit;
  /** Called once when the journal refuses, so that running work is cut short. */
  readonly onBroken: () => void;
}

/** No record, no action: a journal that cannot write breaks the story for good, and every later `tell` throws. */
export function createStory({ deployment, firstSeq, now, emit, onBroken }: StoryOptions): Story {
  let seq = firstSeq;
  let broken: Error | null = null;
  return {
    get broken() {
      return broken;
    },
    tell(happening) {
      if (broken !== null) throw broken;
      try {
        emit({ deployment, seq, at: now().toISOString(), ...happening });
        seq += 1;
      } catch (error) {
        broken = journalFailed(error);
        onBroken();
        throw broken;
      }
    },
  };
}

function journalFailed(cause: unknown): ProblemError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ProblemError(
    {
      code: 'journal-failed',
      message: `The record of this deployment could not be written (${reason}), so it was stopped where it stood.`,
      hint: 'Free space or repair the state folder, start Sentinel again, and choose to finish or undo the deployment.',
    },
    { cause },
  );
}
