import pLimit from 'p-limit';
import { abortable } from './abortable.ts';

export interface Channels {
  /**
   * Runs `work` when a channel is free; rejects at once when `signal` aborts before that. `work` answers `no-channel`
   * when the host refused to open one; it then waits for another to close and tries again.
   */
  run<T extends { readonly kind: string }>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** Few channels at once; fewer still once the host has shown that it allows less (MaxSessions). */
export function createChannels(most: number): Channels {
  const limit = pLimit(most);

  async function once<T>(work: () => Promise<T>, signal: AbortSignal) {
    const waiting = new AbortController();
    const onAbort = () => waiting.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const ended = limit(async () => {
      signal.throwIfAborted();
      signal.removeEventListener('abort', onAbort); // from here `work` itself answers to the signal
      const result = await work();
      return { result, others: limit.activeCount - 1 };
    });
    return abortable(ended, waiting.signal);
  }

  return {
    async run<T extends { readonly kind: string }>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
      for (;;) {
        signal.throwIfAborted();
        const { result, others } = await once(work, signal);
        if (result.kind !== 'no-channel' || others === 0) return result;
        limit.concurrency = Math.max(1, Math.min(limit.concurrency, others));
      }
    },
  };
}
