import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** A program with everything it starts, in a process group of its own. */
export interface ProcessGroup {
  /** Its exit code, null when a signal ended it, and what it wrote. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly output: string }>;
  /** Asks everything to end, and makes it end after the grace. */
  stop(grace: number): Promise<void>;
}

export function startGroup(options: {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}): ProcessGroup {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  const keep = (chunk: Buffer) => void output.push(chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  // `exit`, not `close`: something a job left in the background may hold the pipes for ever.
  const ended = new Promise<{ exitCode: number | null; output: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) =>
      setImmediate(() => resolve({ exitCode, output: Buffer.concat(output).toString() })),
    );
  });
  const { pid } = child;
  return { ended, stop: (grace) => (pid === undefined ? Promise.resolve() : stopGroup(pid, grace)) };
}

async function stopGroup(group: number, grace: number): Promise<void> {
  if (!signal(group, 'SIGTERM')) return;
  const deadline = Date.now() + grace;
  while (Date.now() < deadline) {
    if (!signal(group, 0)) return;
    await pause(20);
  }
  signal(group, 'SIGKILL');
}

/** False when nothing of the group is left. */
function signal(group: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}
