import type { Client } from 'ssh2';
import type { Log } from '../../ports.ts';

export interface Connection {
  /** A live connection: the open one, or a new one. Callers at the same time share it. */
  client(): Promise<Client>;
  /** Counts users, so that an idle connection can be closed. */
  use<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Keeps one connection to a host: opened on first use, opened again after a loss, closed when idle for long. */
export function createConnection(options: {
  readonly connect: () => Promise<Client>;
  readonly idleCloseMs: number;
  readonly log: Log;
}): Connection {
  let current: Promise<Client> | null = null;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  function client(): Promise<Client> {
    if (current !== null) return current;
    const opening = options.connect();
    const forget = () => {
      if (current === opening) current = null;
    };
    opening.then((opened) => {
      options.log.debug({}, 'ssh connection opened');
      // A half-closed connection takes no new channels, so the first sign of the end counts.
      opened.once('end', forget).once('close', forget).once('error', forget);
      opened.once('close', () => options.log.debug({}, 'ssh connection closed'));
    }, forget);
    current = opening;
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
    const opened = await current?.catch(() => null);
    if (opened === null || opened === undefined) return;
    const closed = new Promise<void>((resolve) => opened.once('close', () => resolve()));
    opened.end();
    const timer = setTimeout(() => opened.destroy(), 1_000);
    await closed;
    clearTimeout(timer);
  }

  return { client, use, close };
}
