/** Lets one piece of code wait for news from another. */
export interface Waker {
  wake(): void;
  /** Resolves at the first `wake` after this call. */
  next(): Promise<void>;
}

export function createWaker(): Waker {
  let waiting: (() => void)[] = [];
  return {
    wake() {
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
    next: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
