import { startHealth, type Health } from '../../../bot/health.ts';
import { createClock } from '../../../engine/providers/clock.ts';

export interface Signs {
  connected: boolean;
  open: boolean;
}

/** The bot's own page with signs a test sets. */
export function createHealth(signs: Signs): Promise<Health> {
  const clock = createClock();
  return startHealth({
    ...{ host: '127.0.0.1', port: 0, clock, hooks: {}, open: () => signs.open },
    pulse: () => ({ connected: signs.connected, lastBeatAt: clock.now() }),
    lastWriteAt: () => clock.now(),
  });
}
