export interface Patience<T> {
  /** What no answer in time means. */
  readonly silence: T;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The first answer; `start` begins the question and returns how to end it. */
export async function ask<T>(
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
