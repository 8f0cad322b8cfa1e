import type { Engine, Log } from '../engine/index.ts';
import type { Stories } from './story/stories.ts';

/** What the bot does again and again. */
export interface Rounds {
  /** Reads the definitions now; while that goes on, once more afterwards at most. */
  refresh(): void;
  /** Starts nothing more and waits for what was started. */
  stop(): Promise<void>;
}
export interface RoundsParts {
  readonly engine: Pick<Engine, 'expire' | 'refresh' | 'lookForPipelines'>;
  readonly stories: Pick<Stories, 'proposal'>;
  readonly log: Log;
  /** How often pipelines are looked for; null where there are none. */
  readonly lookMs: number | null;
  readonly stopping: AbortSignal;
}

const expireEveryMs = 10_000;
const refreshEveryMs = 60_000;

/** Starts the rounds; the first look at the definitions is at once. */
export function startRounds({ engine, stories, log, lookMs, stopping }: RoundsParts): Rounds {
  const refresh = oneAtATime(
    () => engine.refresh(stopping),
    unlessStopping('the list of services could not be read'),
  );
  const look = oneAtATime(
    () => engine.lookForPipelines(stopping),
    unlessStopping('pipelines could not be looked for'),
  );
  const timers = [
    setInterval(() => {
      try {
        engine.expire().forEach((request) => stories.proposal(request));
      } catch (error) {
        log.error({ err: error }, 'periodic work failed');
      }
    }, expireEveryMs),
    setInterval(refresh.soon, refreshEveryMs),
    ...(lookMs === null ? [] : [setInterval(look.soon, lookMs)]),
  ];
  refresh.soon();
  if (lookMs !== null) look.soon();
  return {
    refresh: refresh.soon,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([refresh.over(), look.over()]);
    },
  };

  function unlessStopping(message: string): (error: unknown) => void {
    return (error) => {
      if (!stopping.aborted) log.warn({ err: error }, message);
    };
  }
}

interface Round {
  /** Now, or once more after what is going on. */
  readonly soon: () => void;
  /** Resolves when nothing goes on any more. */
  readonly over: () => Promise<void>;
}

function oneAtATime(act: () => Promise<void>, failed: (error: unknown) => void): Round {
  let running: Promise<void> | null = null;
  let again = false;
  function soon(): void {
    again = running !== null;
    if (!again) running = act().catch(failed).finally(next);
  }
  function next(): void {
    running = null;
    if (again) soon();
  }
  async function over(): Promise<void> {
    while (running !== null) await running;
  }
  return { soon, over };
}
