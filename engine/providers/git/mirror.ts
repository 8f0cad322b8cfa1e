import { mkdir } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { Log } from '../../ports.ts';
import { ProblemError, type Problem } from '../../problems.ts';
import { checked, gitProblem } from './git-problem.ts';
import type { Git, GitOutput } from './git.ts';

export interface Mirror {
  /** Creates it on first use. */
  ready(signal: AbortSignal): Promise<void>;
  /** Brings every branch and tag up to date; a problem when the remote did not answer. */
  fetch(signal: AbortSignal): Promise<Problem | null>;
  /** Runs alone among the calls that move refs. */
  alone<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** A call to the remote: a time-out becomes a problem like any other failure. */
  ask(args: readonly string[], signal: AbortSignal): Promise<GitOutput | Problem>;
  fetchedAt(): Date | null;
}
export interface MirrorOptions {
  readonly git: Git;
  readonly directory: string;
  /** For messages. */
  readonly name: string;
  readonly timeoutMs: number;
  /** No history and no tags: enough to read what is there now. */
  readonly onlyTips: boolean;
  /** Settings only calls to the remote may see: its address and how to log in. */
  readonly remote: () => Readonly<Record<string, string>>;
  readonly log: Log;
}

/** A bare copy of the remote below the state folder. Drafts live beside its branches, under `refs/sentinel/`. */
export function createMirror(options: MirrorOptions): Mirror {
  const { git, directory, name, timeoutMs, onlyTips, remote, log } = options;
  const one = pLimit(1);
  let created: Promise<void> | null = null;
  let asked = 0;
  let answered = 0; // a fetch that began after a caller asked serves that caller too
  let fetchedAt: Date | null = null;

  async function create(): Promise<void> {
    const { signal } = new AbortController(); // shared by every caller, so none of them may stop it
    await mkdir(directory, { recursive: true });
    checked(await git.run(['init', '--bare', '--quiet'], { signal }), 'init');
    // a commit somebody approved must not disappear because its branch was rewritten
    checked(await git.run(['config', 'gc.pruneExpire', 'never'], { signal }), 'config');
  }

  const mirror: Mirror = {
    async ready(signal) {
      created ??= create();
      try {
        await abortable(created, signal);
      } catch (error) {
        if (!signal.aborted) created = null; // the next call tries again
        throw error;
      }
    },
    alone: (work, signal) =>
      abortable(
        one(async () => {
          signal.throwIfAborted();
          return work();
        }),
        signal,
      ),
    async fetch(signal) {
      const mine = ++asked;
      await mirror.ready(signal);
      return mirror.alone(async () => {
        if (answered >= mine) return null;
        const covers = asked;
        const problem = failure(await mirror.ask(fetchArguments(onlyTips), signal), name);
        if (problem !== null) {
          log.warn({ repository: name, problem }, 'fetch failed');
          return problem;
        }
        answered = covers;
        fetchedAt = new Date();
        return null;
      }, signal);
    },
    async ask(args, signal) {
      try {
        return await git.run(args, { signal, timeoutMs, config: remote() });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.code !== 'timed-out') throw error;
        const message = `The repository ${name} did not answer within ${timeoutMs / 1000} s.`;
        return { code: 'repository-unreachable', message, hint: 'Check the network and the server.' };
      }
    },
    fetchedAt: () => fetchedAt,
  };
  return mirror;
}

const fetchArguments = (onlyTips: boolean): readonly string[] => [
  ...['-c', 'gc.autoDetach=false', 'fetch', '--quiet', '--prune', '--no-tags', '--no-recurse-submodules'],
  // without it, a remote that is itself shallow is followed no further, and git calls that a success
  ...['--update-shallow', '--no-write-fetch-head', 'origin', '+refs/heads/*:refs/heads/*'],
  ...(onlyTips ? ['--depth=1'] : ['+refs/tags/*:refs/tags/*']),
];

function failure(answer: GitOutput | Problem, name: string): Problem | null {
  if ('code' in answer) return answer;
  return answer.exitCode === 0 ? null : gitProblem(answer, name);
}

/** A caller who gave up does not wait for the ones before it in the queue. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined); // whoever still runs when nobody waits any more fails unheard
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(signal.reason instanceof Error ? signal.reason : new DOMException('Stopped', 'AbortError'));
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
