import { ProblemError, type Problem, type ProblemCode } from '../../problems.ts';
import type { GitOutput } from './git.ts';

interface Pattern {
  readonly matches: RegExp;
  readonly code: ProblemCode;
  readonly says: string;
  readonly hint: string;
}

/** What git and the programs under it write, most telling first. */
const patterns: readonly Pattern[] = [
  {
    matches: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .* has changed/i,
    code: 'host-key-changed',
    says: 'showed a host key that is not the one on record',
    hint: 'If the server was reinstalled, replace its line in known_hosts; otherwise do not go on.',
  },
  {
    matches: /Host key verification failed|No .*host key is known/i,
    code: 'host-key-unknown',
    says: 'has no host key on record',
    hint: 'Add its host key to known_hosts after checking the fingerprint.',
  },
  {
    matches:
      /Permission denied \((?:publickey|password)|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|askpass|returned error: 40[13]|HTTP Basic: Access denied/i,
    code: 'authentication-failed',
    says: 'did not accept the credentials',
    hint: 'Check the key or token of this repository and that it may read (and, for changes, write) it.',
  },
  {
    matches: /detected dubious ownership/i,
    code: 'repository-unreachable',
    says: 'belongs to another user, and git refuses to read it',
    hint: 'Run: git config --global --add safe.directory <its path>',
  },
  {
    matches: /No space left on device|Disk quota exceeded/i,
    code: 'disk-full',
    says: 'could not be copied: no space left',
    hint: 'Free space on the disk of the state folder.',
  },
  {
    matches: /\.lock': File exists/i,
    code: 'repository-unreachable',
    says: 'is locked by another git process, or one that was killed',
    hint: 'If no git process runs there, delete the lock file git names.',
  },
];

/** A failed call that talks to a remote or opens a repository, told apart by what git said. */
export function gitProblem(output: GitOutput, repository: string): Problem {
  const found = patterns.find(({ matches }) => matches.test(output.stderr));
  return {
    code: found?.code ?? 'repository-unreachable',
    message: `The repository ${repository} ${found?.says ?? 'did not answer'}.`,
    hint: found?.hint ?? 'Check the address, the network, and that the repository exists.',
    evidence: [{ title: 'git', text: lastLines(output.stderr) }],
  };
}

/** Standard output of a call that only fails when something is broken. */
export function checked(output: GitOutput, command: string): string {
  return checkedBytes(output, command).toString('utf8');
}
export function checkedBytes(output: GitOutput, command: string): Buffer {
  if (output.exitCode === 0) return output.stdout;
  throw new ProblemError({
    code: /No space left on device/i.test(output.stderr) ? 'disk-full' : 'unexpected',
    message: `git ${command} failed with exit code ${output.exitCode}.`,
    evidence: [{ title: `git ${command}`, text: lastLines(output.stderr) }],
  });
}

/** At most ten lines, without the user and password of any address in them. */
export function lastLines(text: string): string {
  const lines = text
    .replace(/(\w+:\/\/)[^/@\s]+@/g, '$1')
    .trim()
    .split('\n');
  return lines.slice(-10).join('\n');
}
