export interface Changes {
  readonly changed: () => void;
  /** Calls after every change, until what it returns is called. */
  readonly onChange: (listener: () => void) => () => void;
  /** Resolves with the first answer that is not undefined, null or false. */
  readonly waitFor: <T>(predicate: () => T | undefined | null | false, options?: WaitOptions) => Promise<T>;
}
export interface WaitOptions {
  /** Real milliseconds; 10,000 unless told. */
  readonly within?: number;
  readonly what?: string;
}

/** Waiting on the state: a predicate is asked again after every change, never by the clock. */
export function createChanges(): Changes {
  const waiting = new Set<() => void>();
  return {
    changed: () => {
      for (const ask of [...waiting]) ask();
    },
    onChange(listener) {
      // Wrapped, so that one listener may be added twice.
      const call = (): void => listener();
      waiting.add(call);
      return () => void waiting.delete(call);
    },
    waitFor(predicate, { within = 10_000, what = 'the expected state' } = {}) {
      return new Promise((resolve, reject) => {
        const ask = () => {
          try {
            const answer = predicate();
            if (answer === undefined || answer === null || answer === false) return;
            finish();
            resolve(answer);
          } catch (error) {
            finish();
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        const finish = () => {
          waiting.delete(ask);
          clearTimeout(timer);
        };
        const timer = setTimeout(() => {
          finish();
          reject(new Error(`Waited ${within} ms for ${what}; it did not come.`));
        }, within);
        waiting.add(ask);
        ask();
      });
    },
  };
}
