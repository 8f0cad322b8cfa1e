import type { CommandResult } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import { classifyCommandFailure } from '../../remote-errors.ts';

/** A failed command as a problem, secrets replaced in what it printed. */
export function failureOf(
  { host, command }: { readonly host: string; readonly command: string },
  result: CommandResult,
  redact: (text: string) => string = (text) => text,
): Problem {
  const { exitCode } = result;
  const stdout = redact(result.stdout);
  const stderr = redact(result.stderr);
  return classifyCommandFailure({ host, command, exitCode, stdout, stderr });
}
