import type { SystemView } from './view.ts';

export interface HomelabWatch {
  start(): void;
  stop(): void;
  /** Another homelab is there: what was asked of the last one is of no interest any more. */
  anew(): void;
}

const EVERY_MS = 400;
/** Between two looks, however long they take. */
const REST_MS = 100;

/** Looks again and again while it is started; one look at a time, so that slow ones do not pile up. */
export function watchHomelab(parts: {
  readonly look: () => Promise<readonly SystemView[]>;
  readonly found: (systems: readonly SystemView[]) => void;
  readonly report: (error: unknown) => void;
}): HomelabWatch {
  const { found, report } = parts;
  let running = false;
  /** Changes with every start, so that an earlier one's rounds end. */
  let turn = 0;
  let timer: NodeJS.Timeout | undefined;
  let asked: Promise<readonly SystemView[] | null> | null = null;

  const look = (): Promise<readonly SystemView[] | null> => {
    const asking = parts
      .look()
      .catch((error: unknown) => {
        report(error);
        return null;
      })
      .finally(() => {
        if (asked === asking) asked = null;
      });
    return asking;
  };
  const round = async (mine: number): Promise<void> => {
    const began = performance.now();
    const systems = await (asked ??= look());
    if (mine !== turn) return;
    if (systems !== null) found(systems);
    const took = performance.now() - began;
    timer = setTimeout(() => void round(mine), Math.max(REST_MS, EVERY_MS - took));
  };
  const stop = (): void => {
    running = false;
    turn += 1;
    clearTimeout(timer);
  };
  const start = (): void => {
    stop();
    running = true;
    void round(turn);
  };
  return {
    start,
    stop,
    anew() {
      asked = null;
      if (running) start();
    },
  };
}
