import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** How programs run on a simulated host: real `sh`, with this environment, each in its own process group. */
export interface Shell {
  /** Starts `sh -c command`; `fill` tells whether the disk is full at this moment. */
  start(command: string, env: Readonly<Record<string, string>>): RunningCommand;
  /** Ends every program that still runs. */
  killAll(): void;
}
export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  /** Text of the streams passes through this, because a full disk is played with a file size limit. */
  readonly wording: (chunk: Buffer) => Buffer;
  signal(name: NodeJS.Signals): void;
}

/**
 * A disk that is full: nothing can be written to a file, by builtins neither. A size limit of zero does that to any
 * program without being root; only its message has other words.
 */
const onFullDisk = `trap '' XFSZ; ulimit -f 0; exec sh -c "$1"`;
const fullDiskWords = (chunk: Buffer) =>
  Buffer.from(chunk.toString('latin1').replaceAll('File too large', 'No space left on device'), 'latin1');

/** A shell whose programs start in `home`. */
export function createShell(home: string, diskFull: () => boolean): Shell {
  const groups = new Set<number>();
  return {
    start(command, env) {
      const full = diskFull();
      const args = full ? ['-c', onFullDisk, 'sh', command] : ['-c', command];
      const child = spawn('/bin/sh', args, { cwd: home, env, detached: true, stdio: 'pipe' });
      const { pid } = child;
      if (pid !== undefined) groups.add(pid);
      child.once('exit', () => pid !== undefined && groups.delete(pid));
      return {
        child,
        wording: full ? fullDiskWords : (chunk) => chunk,
        signal: (name) => {
          if (pid !== undefined) signalGroup(pid, name);
        },
      };
    },
    killAll() {
      for (const pid of groups) signalGroup(pid, 'SIGKILL');
      groups.clear();
    },
  };
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // it ended in the meantime
  }
}
