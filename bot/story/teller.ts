import type { Messages } from '../../data/index.ts';
import type { Clock, Log } from '../../engine/index.ts';
import { chatFailure, type Chat } from '../chat.ts';
import type { Message } from '../render/message.ts';
import { createDelivery, type Adding } from './delivery.ts';
import type { Tale } from './tale.ts';
import { createWaker, type Waker } from './waker.ts';

export interface Pace {
  /** Least time between two edits of one card. */
  readonly editMs: number;
  readonly retryMs: number;
  readonly retryMostMs: number;
  /** When the channel refuses us, until somebody changes its permissions. */
  readonly forbiddenMs: number;
  /** How long a stop waits for what is still to be told. */
  readonly flushMs: number;
}
export const calmPace: Pace = {
  ...{ editMs: 1_700, retryMs: 1_000, retryMostMs: 30_000 },
  ...{ forbiddenMs: 60_000, flushMs: 10_000 },
};

export interface Teller {
  /** Starts telling, or says that there is more to tell. Returns at once and never throws. */
  tell(tale: Tale): void;
  /** The card's message id once it is posted, or null after `ms`. */
  posted(key: string, ms: number): Promise<string | null>;
  /** Discord is back: whoever waits to try again does so now. */
  retryNow(): void;
  /** Waits a while until everything known is told; then stops telling. */
  stop(): Promise<void>;
}

interface Telltale {
  readonly tale: Tale;
  readonly waker: Waker;
  /** What the card shows, as far as this process knows. */
  shown: string | null;
  editedAt: number;
  failures: number;
  /** How often there was more to tell. */
  news: number;
  resting: boolean;
  /** The chapter that is on its way. */
  adding: Promise<void> | null;
  /** Why the last one did not get there, until that has been dealt with. */
  broken: { readonly error: unknown } | null;
}

export interface TellerParts {
  readonly chat: Chat;
  readonly messages: Messages;
  readonly channel: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly pace: Pace;
}

/** Tells every tale from the store, whatever happens to Discord or to this process in between. */
export function createTeller(parts: TellerParts): Teller {
  const { messages, clock, log, pace, channel } = parts;
  const deliver = createDelivery(parts);
  const told = new Map<string, Telltale>();
  const stopped = new AbortController();
  let hurry = false;
  const changed = createWaker();

  return {
    tell(tale) {
      const known = told.get(tale.key);
      if (known) {
        known.news += 1;
        known.resting = false;
        known.waker.wake();
        return;
      }
      const fresh: Telltale = {
        ...{ tale, waker: createWaker(), shown: null, editedAt: 0, failures: 0, resting: false, news: 0 },
        ...{ adding: null, broken: null },
      };
      told.set(tale.key, fresh);
      void loop(fresh).catch((error: unknown) =>
        log.error({ err: error, key: tale.key }, 'a tale broke off'),
      );
    },
    async posted(key, ms) {
      await until(() => messages.get(key)?.messageId != null, ms);
      return messages.get(key)?.messageId ?? null;
    },
    retryNow() {
      for (const { waker, failures } of told.values()) if (failures > 0) waker.wake();
    },
    async stop() {
      hurry = true;
      for (const { waker } of told.values()) waker.wake();
      await until(() => [...told.values()].every(({ resting }) => resting), pace.flushMs);
      stopped.abort();
    },
  };

  async function until(condition: () => boolean, ms: number): Promise<void> {
    const timer = new AbortController();
    const over = clock.wait(ms, AbortSignal.any([timer.signal, stopped.signal])).then(
      () => true,
      () => true,
    );
    while (!condition()) if (await Promise.race([changed.next().then(() => false), over])) break;
    timer.abort();
  }

  async function loop(one: Telltale): Promise<void> {
    for (let done = false; !done && !stopped.signal.aborted;) {
      const seen = one.news;
      const woken = one.waker.next(); // taken before reading, so that news in between is not lost
      let pause: number | null;
      try {
        const advanced = await advance(one);
        done = advanced === 'over' && one.news === seen; // news may come just as the tale ends
        pause = typeof advanced === 'number' ? advanced : advanced === 'over' && !done ? 0 : null;
        if (one.adding === null) one.failures = 0;
      } catch (error) {
        pause = fail(one, error);
      }
      one.resting = pause === null && one.adding === null;
      changed.wake();
      if (!done && pause !== 0) await rest(woken, pause);
    }
    if (told.get(one.tale.key) === one) told.delete(one.tale.key);
    changed.wake();
  }

  async function rest(woken: Promise<void>, pause: number | null): Promise<void> {
    const timer = new AbortController();
    const signal = AbortSignal.any([timer.signal, stopped.signal]);
    const forever = 2_000_000_000;
    const waited = clock.wait(pause ?? forever, signal).catch(() => undefined);
    await Promise.race([woken, waited]);
    timer.abort();
  }

  /** Does the one most urgent thing. Answers how long to wait before the next, null for "until there is news". */
  async function advance(one: Telltale): Promise<number | null | 'over'> {
    if (one.broken !== null) {
      const { error } = one.broken;
      one.broken = null;
      throw error;
    }
    const stored = messages.get(one.tale.key) ?? messages.put(one.tale.key, { channelId: channel });
    const telling = one.tale.read(stored);
    if (!telling) return null;
    const where = stored.channelId ?? channel;
    const next = JSON.stringify(telling.card);
    if (stored.messageId === null) {
      await deliver.card(one.tale.key, { telling, where, editedAt: one.editedAt });
      remember(one, telling.card);
      return 0;
    }
    const due = one.editedAt + (hurry ? 0 : pace.editMs) - clock.now().getTime();
    if (next !== one.shown && due <= 0) {
      await deliver.edit({ telling, where, message: stored.messageId });
      remember(one, telling.card);
      return 0;
    }
    const chapter = telling.chapters.find(({ seq }) => seq > stored.deliveredSeq);
    if (chapter && one.adding === null)
      add(one, { telling, where, message: stored.messageId, chapter, thread: stored.threadId });
    if (next !== one.shown) return due;
    if (chapter || !telling.over) return null;
    messages.put(one.tale.key, { final: true });
    return 'over';
  }

  function remember(one: Telltale, card: Message): void {
    one.shown = JSON.stringify(card);
    one.editedAt = clock.now().getTime();
  }

  /** In its own time: Discord takes few messages into one thread, and the card must not wait for them. */
  function add(one: Telltale, adding: Adding): void {
    one.adding = deliver
      .chapter(one.tale.key, adding)
      .then(
        () => void (one.failures = 0),
        (error: unknown) => void (one.broken = { error }),
      )
      .finally(() => {
        one.adding = null;
        one.waker.wake();
      });
  }

  function fail(one: Telltale, error: unknown): number {
    const failure = chatFailure(error);
    one.failures += 1;
    log.warn(
      { err: error, key: one.tale.key, failure, failures: one.failures },
      'Discord did not take it yet',
    );
    if (failure === 'message-gone') {
      messages.put(one.tale.key, { messageId: null }); // somebody deleted the card: post it again
      one.editedAt = clock.now().getTime();
      return 0;
    }
    if (failure === 'forbidden' || failure === 'channel-gone') return pace.forbiddenMs;
    return Math.min(pace.retryMostMs, pace.retryMs * 2 ** Math.min(one.failures - 1, 10));
  }
}
