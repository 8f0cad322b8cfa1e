import type { Problem } from './problems.ts';

export interface CommandFailure {
  readonly host: string;
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** The last lines of a program's output, as evidence. */
export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
/** A failed command on a host, in words a person can act on. */
export function classifyCommandFailure({ host, command, exitCode, stdout, stderr }: CommandFailure): Problem {
  const text = lastLines(stderr.trim() === '' ? stdout : stderr);
  return {
    code: /^sudo\b/.test(command) ? 'sudo-refused' : 'command-failed',
    message: `\`${command}\` on ${host} failed with exit code ${exitCode}.`,
    where: host,
    evidence: [{ title: command, text }],
  };
}
