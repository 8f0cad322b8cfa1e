/** A failure of the compose command itself, with the exit code it gives. */
export class ComposeError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'ComposeError';
    this.exitCode = exitCode;
  }
}

/** What compose 2.26 exits with when the file is not acceptable, or not there. */
export const invalidFile = (message: string) => new ComposeError(15, message);
export const missingFile = (message: string) => new ComposeError(14, message);
