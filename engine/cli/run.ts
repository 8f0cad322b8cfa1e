import { CommanderError } from 'commander';

/** Runs a command's work; what it answers becomes the exit code. */
export type Run = (work: (signal: AbortSignal) => Promise<number> | number) => Promise<void>;

/** Ends with exit code 2 and this sentence. */
export function usageError(message: string): CommanderError {
  return new CommanderError(2, 'sentinel.usage', `error: ${message}`);
}
