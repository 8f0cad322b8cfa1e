import { execa } from 'execa';
import { ProblemError } from '../../problems.ts';

/** The git command line on one repository: argument lists only, no shell, no prompt, no setting taken from `GIT_*`. */
export interface Git {
  /** A non-zero exit is a result. Throws when cancelled, out of time, or when git itself cannot be started. */
  run(args: readonly string[], options: GitRun): Promise<GitOutput>;
}
export interface GitRun {
  readonly signal: AbortSignal;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Settings for this call alone. They travel in the environment, so none of them shows in a list of processes. */
  readonly config?: Readonly<Record<string, string>>;
}
export interface GitOutput {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}
export type Environment = Readonly<Record<string, string | undefined>>;
export interface GitOptions {
  /** `['--git-dir=…']` for a bare repository, `['-C', …]` for a checkout. */
  readonly place: readonly string[];
  readonly sshCommand?: string;
  readonly env: Environment;
}

const localTimeoutMs = 60_000;
const killAfterMs = 2_000;
const outputLimit = 1024 * 1024 * 1024;

export function createGit({ place, sshCommand, env }: GitOptions): Git {
  const environment = cleanEnvironment(env);
  if (sshCommand !== undefined) environment['GIT_SSH_COMMAND'] = sshCommand;
  return {
    async run(args, { signal, input, timeoutMs = localTimeoutMs, env: extra = {}, config = {} }) {
      signal.throwIfAborted();
      const deadline = AbortSignal.timeout(timeoutMs);
      const subprocess = execa('git', [...place, ...args], {
        env: { ...environment, ...configEnvironment(config), ...extra },
        extendEnv: false,
        ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
        encoding: 'buffer',
        stripFinalNewline: false,
        maxBuffer: outputLimit,
        reject: false,
        detached: true, // its own process group, so that ssh and other children of git end with it
      });
      const release = killGroupOn(AbortSignal.any([signal, deadline]), subprocess.pid);
      const result = await subprocess;
      release();
      signal.throwIfAborted();
      if (deadline.aborted) throw tookTooLong(args, timeoutMs);
      if (result.exitCode === undefined) throw didNotRun(result);
      return {
        exitCode: result.exitCode,
        stdout: Buffer.from(result.stdout),
        stderr: Buffer.from(result.stderr).toString('utf8'),
      };
    },
  };
}

function killGroupOn(signal: AbortSignal, pid: number | undefined): () => void {
  if (pid === undefined) return () => undefined;
  let force: NodeJS.Timeout | undefined;
  const kill = (): void => {
    sendToGroup(pid, 'SIGTERM'); // lets git remove its lock files
    force = setTimeout(() => sendToGroup(pid, 'SIGKILL'), killAfterMs);
  };
  signal.addEventListener('abort', kill, { once: true });
  return () => {
    signal.removeEventListener('abort', kill);
    clearTimeout(force);
  };
}

function sendToGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // the group ended by itself in the meantime
  }
}

function tookTooLong(args: readonly string[], timeoutMs: number): ProblemError {
  return new ProblemError({
    code: 'timed-out',
    message: `git ${args[0] ?? ''} did not finish within ${timeoutMs / 1000} s.`,
  });
}

function didNotRun(result: {
  readonly code?: string | undefined;
  readonly shortMessage?: string | undefined;
}): ProblemError {
  const missing = result.code === 'ENOENT';
  return new ProblemError({
    code: 'unexpected',
    message: missing
      ? 'git is not installed, or not on the PATH.'
      : (result.shortMessage ?? 'git did not run.'),
    ...(missing ? { hint: 'Install git 2.31 or newer.' } : {}),
  });
}

/** English messages, because failures are told apart by them; nothing that could redirect git elsewhere. */
function cleanEnvironment(env: Environment): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && !name.startsWith('GIT_')) kept[name] = value;
  return {
    ...kept,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  };
}

function configEnvironment(config: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries({ 'core.hooksPath': '/dev/null', ...config });
  const pairs = entries.flatMap(([key, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(pairs) };
}
