import type { Client } from 'ssh2';
import type { Log } from '../../ports.ts';
import type { Login } from './connect.ts';

export interface Connection {
  /** A live connection: the open one, or a new one. Callers at the same time share it. */
  client(): Promise<Client>;
  /** Counts users, so that an idle connection can be closed. */
  use<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Keeps one connection to a host: opened on first use, opened again after a loss, closed when idle for long. */
export function createConnection(options: {
  readonly connect: () => Promise<Login>;
  readonly idleCloseMs: number;
  readonly log: Log;
}): Connection {
  let current: Promise<Login> | null = null;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  async function client(): Promise<Client> {
    current ??= open();
    return (await current).client;
  }

  function open(): Promise<Login> {
    const opening = options.connect();
    const forget = () => {
      if (current === opening) current = null;
    };
    opening.then(({ client: opened }) => {
      options.log.debug({}, 'ssh connection opened');
      // A half-closed connection takes no new channels, so the first sign of the end counts.
      opened.once('end', forget).once('close', forget).once('error', forget);
      opened.once('close', () => options.log.debug({}, 'ssh connection closed'));
    }, forget);
    return opening;
  }

  async function use<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(idle);
    users += 1;
    try {
      return await work();
    } finally {
      users -= 1;
      if (users === 0) idle = setTimeout(() => void close(), options.idleCloseMs).unref();
    }
  }

  async function close(): Promise<void> {
    clearTimeout(idle);
    const login = await current?.catch(() => null);
    if (login === null || login === undefined) return;
    const closed = new Promise<void>((resolve) => login.client.once('close', () => resolve()));
    login.client.end();
    const timer = setTimeout(login.cut, 1_000);
    await closed;
    clearTimeout(timer);
  }

  return { client, use, close };
}
