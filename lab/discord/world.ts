import type { LabClock } from './clock.ts';
import type { DiscordState } from './state.ts';

/** What every part of the stand-in shares. */
export interface World {
  readonly state: DiscordState;
  readonly clock: LabClock;
  readonly token: string;
  readonly newId: () => string;
  /** Base of the HTTP addresses, e.g. `http://127.0.0.1:4711`. */
  readonly origin: () => string;
  /** Sends an event to every gateway session that asked for one of `intents` (0: always). */
  readonly dispatch: (event: string, payload: unknown, intents: number) => void;
  /** Tells the waiting ones that something changed. */
  readonly changed: () => void;
}

export const GUILDS = 1;
export const GUILD_MESSAGES = 512;
