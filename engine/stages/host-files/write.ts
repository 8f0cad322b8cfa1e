import { failureOf } from '../deploy/classify.ts';
import type { RemoteHost } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import { keptDirectory } from './kept.ts';
import { lockHeldExit, writeScript } from './write-script.ts';

export interface FileWrite {
  /** Absolute. Where it is a link, what it leads to is replaced, but only the link itself is taken away. */
  readonly path: string;
  /** Hex sha256 of what has to be there now; null: nothing. */
  readonly expected: string | null;
  /** Null takes the file away. */
  readonly text: string | null;
}
export interface Writing {
  readonly writes: readonly FileWrite[];
  /** Texts to keep besides the files' own, such as lines that are taken out of one. */
  readonly keep?: readonly string[];
  /** The container that reads the files, where there is one: a file mounted by itself is written in place. */
  readonly container?: string | null;
  readonly patience?: Patience;
}
/** Seconds. */
export interface Patience {
  /** For another one of us that writes on the host. */
  readonly lock: number;
  /** For Docker, which says what the container has mounted. */
  readonly docker: number;
}
/** `moved`: somebody else changed the file since it was read, so it was left alone. */
export type Written = 'written' | 'moved';

/**
 * Replaces files in one round trip: each is written beside and renamed, or in place where it is mounted by itself, and
 * what was there is kept under its hash. Answers by path. Throws ProblemError when nothing more can be written; what it
 * names was left as it was. A text that is put back where it was taken away gets the mode and the owner it had there; a
 * link that was taken away is made again while it still leads to that text, otherwise a file is written.
 */
export async function writeHostFiles(
  host: RemoteHost,
  { writes, keep = [], container = null, patience = usualPatience }: Writing,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Written>> {
  const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
  const lines = [
    ...keep.map((text) => `k ${base64(text)}`),
    ...writes.flatMap(({ path, expected, text }) => [
      `p ${path}`,
      `x ${expected ?? '-'}`,
      text === null ? 'r' : `w ${base64(text)}`,
    ]),
  ];
  const stdin = lines.map((line) => `${line}\n`).join('');
  // Taking files away is the same however they are mounted.
  const asked = writes.some(({ text }) => text !== null) ? (container ?? '') : '';
  const waits = [`${patience.lock}`, `${patience.docker}`];
  const args = [keptDirectory(host.entry), asked, host.entry.docker.command, ...waits];
  const result = await host.run({ script: writeScript, args, stdin }, signal);
  if (result.exitCode === lockHeldExit) throw new ProblemError(busyProblem(host, patience.lock));
  if (result.exitCode !== 0)
    throw new ProblemError(failureOf({ host: host.entry.name, command: 'write files' }, result));
  return new Map(
    result.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => [line.slice(2), line.startsWith('w ') ? 'written' : 'moved']),
  );
}

/** Together less than a command may take. */
const usualPatience: Patience = { lock: 30, docker: 10 };

function busyProblem({ entry }: RemoteHost, seconds: number): Problem {
  return {
    code: 'system-busy',
    message: `Nothing was written on ${entry.name}: another Sentinel writes files there and held ${keptDirectory(entry)}/.lock for ${seconds} seconds.`,
    where: entry.name,
    hint: 'Wait until it is done, then deploy again.',
  };
}
