import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { Probe } from '../ports.ts';

/** Asks from this machine, with a fresh connection each time, as a visitor would. */
export function createProbe(): Probe {
  return {
    port(address, port, timeoutMs, signal) {
      return ask<boolean>({ silence: false, timeoutMs, signal }, (answer) => {
        const socket = connect({ host: address, port });
        socket.once('connect', () => answer(true));
        socket.on('error', () => answer(false));
        return () => socket.destroy();
      });
    },
    visit: () => Promise.resolve(null),
    http(url, timeoutMs, signal) {
      return ask<number | null>({ silence: null, timeoutMs, signal }, (answer) => {
        const get = url.startsWith('https:') ? httpsGet : httpGet;
        const request = get(url, { agent: false, headers: { 'user-agent': 'sentinel' } });
        request.once('response', (response) => answer(response.statusCode ?? null));
        request.on('error', () => answer(null));
        return () => request.destroy();
      });
    },
  };
}

interface Patience<T> {
  /** What no answer in time means. */
  readonly silence: T;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The first answer; `start` begins the question and returns how to end it. */
async function ask<T>(
  { silence, timeoutMs, signal }: Patience<T>,
  start: (answer: (value: T) => void) => () => void,
): Promise<T> {
  signal.throwIfAborted();
  const cleanups: (() => void)[] = [];
  try {
    return await new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => resolve(silence), timeoutMs);
      const onAbort = () => reject(new DOMException('The question was cut short', 'AbortError'));
      signal.addEventListener('abort', onAbort, { once: true });
      cleanups.push(
        start(resolve),
        () => clearTimeout(timer),
        () => signal.removeEventListener('abort', onAbort),
      );
    });
  } finally {
    for (const cleanUp of cleanups) cleanUp();
  }
}
