import type { Daemon } from '../daemon.ts';
import { CliError, type Parsed } from './flags.ts';

/** One `docker` command on a host. */
export interface Invocation {
  readonly daemon: Daemon;
  readonly hostName: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The user may use the socket. */
  readonly mayUseSocket: boolean;
  readonly composeInstalled: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly signal: AbortSignal;
  /** All that comes on standard input; only `docker exec -i` is given any. */
  readonly stdin: () => Promise<string>;
}

export type Command = (call: Invocation, argv: readonly string[]) => Promise<void> | void;

/** Commands that work without the daemon. */
export const notConnected =
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';

export const permissionDenied = (path: string) =>
  'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: ' +
  `Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24${path}": dial unix /var/run/docker.sock: connect: permission denied`;

/** Throws what the client says when it does not get through to the daemon. */
export function needDaemon({ daemon, mayUseSocket }: Invocation, path = '/containers/json'): void {
  if (!mayUseSocket) throw new CliError(1, permissionDenied(path));
  if (!daemon.running) throw new CliError(1, notConnected);
}

export const jsonFormat = (format: string) => (format === 'json' ? '{{json .}}' : format);

export function oneArgument({ rest }: Parsed, command: string): string {
  if (rest.length === 1) return rest[0] ?? '';
  throw new CliError(1, `"docker ${command}" requires exactly 1 argument.\nSee 'docker ${command} --help'.`);
}
