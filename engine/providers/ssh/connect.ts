import { connect as connectTcp } from 'node:net';
import ssh2, { type Client } from 'ssh2';
import { type Problem, ProblemError } from '../../problems.ts';
import type { HostEntry } from '../../types.ts';
import { hostKeyAlgorithms, hostKeyProblem, isTrusted, type KeysOnRecord } from './host-keys.ts';

/** A private key, with its passphrase where it has one. */
export type PrivateKey = string | Buffer | { readonly key: string | Buffer; readonly passphrase: string };

export interface ConnectOptions {
  readonly entry: HostEntry;
  readonly key: PrivateKey;
  readonly record: KeysOnRecord;
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** A connection that is logged in. */
export interface Login {
  readonly client: Client;
  /** Ends it at once; ssh2's own `destroy` does nothing after `end`, even if the host never answers that. */
  readonly cut: () => void;
}

/** Logs in once, or throws ProblemError saying why not. */
export async function connect(options: ConnectOptions): Promise<Login> {
  const { entry, record } = options;
  checkPrivateKey(options);
  const shown: Buffer[] = [];
  const attempt = (algorithms: KeysOnRecord) =>
    open(options, algorithms, (key) => {
      shown.push(key);
      return isTrusted(key, record);
    });
  try {
    return await attempt(record);
  } catch (error) {
    // A host without any key of a type on record ends the handshake early; look at what it has instead, to tell.
    if (noCommonHostKey(error)) await attempt(anyKey).catch(() => undefined);
    const key = shown.at(-1);
    if (key !== undefined && !isTrusted(key, record))
      throw new ProblemError(hostKeyProblem(entry, record, key), { cause: error });
    throw new ProblemError(connectProblem(options, error), { cause: error });
  }
}

const anyKey: KeysOnRecord = { trusted: [], revoked: [] };

function open(
  { entry, key, connectTimeoutMs, keepAliveMs }: ConnectOptions,
  algorithms: KeysOnRecord,
  verify: (key: Buffer) => boolean,
): Promise<Login> {
  const client = new ssh2.Client();
  const socket = connectTcp({ host: entry.address, port: entry.port, keepAlive: true, noDelay: true });
  return new Promise<Login>((resolve, reject) => {
    client.once('ready', () => {
      resolve({ client, cut: () => socket.destroy() });
    });
    // Stays for the connection's life: without a listener a lost connection would end the process.
    client.on('error', (error) => {
      socket.destroy();
      reject(error);
    });
    client.once('close', () => reject(new Error('The host closed the connection')));
    client.connect({
      sock: socket,
      username: entry.user,
      ...keyParts(key),
      authHandler: ['publickey'],
      algorithms: { serverHostKey: hostKeyAlgorithms(algorithms) },
      hostVerifier: verify,
      readyTimeout: connectTimeoutMs,
      keepaliveInterval: keepAliveMs,
      keepaliveCountMax: 3,
    });
  });
}

function keyParts(key: PrivateKey): { readonly privateKey: string | Buffer; readonly passphrase?: string } {
  if (typeof key === 'string' || Buffer.isBuffer(key)) return { privateKey: key };
  return { privateKey: key.key, passphrase: key.passphrase };
}

function checkPrivateKey({ entry, key }: ConnectOptions): void {
  const { privateKey, passphrase } = keyParts(key);
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  const why = parsed instanceof Error ? parsed.message : parsed.isPrivateKey() ? null : 'it is a public key';
  if (why === null) return;
  throw new ProblemError({
    code: 'authentication-failed',
    message: `The private key "${entry.key}" for ${entry.name} cannot be used: ${why}.`,
    where: entry.name,
    hint: 'Sentinel needs a private key in OpenSSH or PEM form, for example from `ssh-keygen -t ed25519`, and its passphrase if it has one.',
  });
}

function noCommonHostKey(error: unknown): boolean {
  return (
    error instanceof Error && /no matching (host key|server host key) (format|algorithm)/i.test(error.message)
  );
}

/** Why a login did not come about, in words. */
export function connectProblem(
  { entry, record, connectTimeoutMs }: Omit<ConnectOptions, 'key' | 'keepAliveMs'>,
  error: unknown,
): Problem {
  if (noCommonHostKey(error)) return hostKeyProblem(entry, record, null);
  const level = property(error, 'level');
  const host = `${entry.name} (${entry.address}:${entry.port})`;
  if (level === 'client-authentication')
    return {
      code: 'authentication-failed',
      message: `${host} did not accept the key "${entry.key}" for user ${entry.user}.`,
      where: entry.name,
      hint: `Check that its public half is in ~${entry.user}/.ssh/authorized_keys on ${entry.name}, that the user may log in, and that the files belong to the user (0700 and 0600).`,
    };
  return {
    code: 'host-unreachable',
    message: `${host} ${whyUnreachable(error, level, connectTimeoutMs)}.`,
    where: entry.name,
    hint: `Check that ${entry.name} is switched on, that sshd listens on port ${entry.port}, and that a firewall lets Sentinel through.`,
  };
}

function whyUnreachable(error: unknown, level: unknown, connectTimeoutMs: number): string {
  const reason = reasons[String(property(error, 'code'))];
  if (reason !== undefined) return reason;
  if (level === 'client-timeout') return `did not answer within ${connectTimeoutMs / 1000} s`;
  const message = error instanceof Error ? error.message : String(error);
  return `ended the SSH handshake: ${message.replace(/\.+$/, '')}`;
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection during the handshake',
  EHOSTUNREACH: 'cannot be reached (no route to host)',
  ENETUNREACH: 'cannot be reached (network unreachable)',
  ETIMEDOUT: 'did not answer (connection timed out)',
  ENOTFOUND: 'has an address that no name server knows',
  EAI_AGAIN: 'has an address that could not be looked up (name server did not answer)',
};

function property(error: unknown, name: 'level' | 'code'): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
