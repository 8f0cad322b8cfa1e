import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { execPath } from 'node:process';
import { onTestFinished } from 'vitest';
import { buildWriter } from './build-writer.ts';

const program = await buildWriter();

/** Another process with the same database. */
export interface Writer {
  readonly pid: number | undefined;
  /** Resolves once it has printed that line; rejects with all it said when it ends first. */
  printed(line: string): Promise<void>;
  /** The one line it waits for. */
  say(line: string): void;
  kill(): void;
  /** The lines it printed and how it ended. */
  readonly ended: Promise<{
    readonly lines: readonly string[];
    readonly code: number | null;
    readonly signal: string | null;
  }>;
}

/** `wrap` is a command line that runs the rest of it, `uid` another user. */
export function startWriter(
  args: readonly string[],
  { wrap = [], uid }: { readonly wrap?: readonly string[]; readonly uid?: number } = {},
): Writer {
  const [command = execPath, ...rest] = [...wrap, execPath, program, ...args];
  const child = spawn(command, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid === undefined ? {} : { uid }),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const lines = (): readonly string[] => output.split('\n').slice(0, -1);
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const ended = once(child, 'close').then(() => ({
    lines: lines(),
    code: child.exitCode,
    signal: child.signalCode,
  }));

  return {
    pid: child.pid,
    ended,
    say: (line) => void child.stdin.end(`${line}\n`),
    kill: () => void child.kill('SIGKILL'),
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (lines().includes(wanted)) resolve();
        };
        child.stdout.on('data', look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying "${wanted}":\n${output}`)));
      }),
  };
}
