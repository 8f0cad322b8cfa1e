import { createHash } from 'node:crypto';
import type { Messages } from '../../data/index.ts';
import type { Log } from '../../engine/index.ts';
import { chatFailure, type Chat } from '../chat.ts';
import { fit } from '../render/limits.ts';
import type { Message } from '../render/message.ts';
import type { Telling } from './tale.ts';

/** A chapter and where it belongs. */
export interface Adding {
  readonly telling: Telling;
  readonly where: string;
  readonly message: string;
  readonly thread: string | null;
  readonly chapter: Telling['chapters'][number];
}
/** Single messages of a tale, each on record as soon as it is there. */
export interface Delivery {
  card(
    key: string,
    at: { readonly telling: Telling; readonly where: string; readonly editedAt: number },
  ): Promise<void>;
  edit(at: { readonly telling: Telling; readonly where: string; readonly message: string }): Promise<void>;
  /** Opens the thread first, where there is none yet. */
  chapter(key: string, adding: Adding): Promise<void>;
}

export function createDelivery({
  chat,
  messages,
  log,
}: {
  readonly chat: Chat;
  readonly messages: Messages;
  readonly log: Log;
}): Delivery {
  return {
    async card(key, { telling, where, editedAt }) {
      const nonce = nonceOf(`${key} card ${messages.get(key)?.deliveredSeq ?? 0} ${editedAt}`);
      const id = await orBare(telling.card, (card) => chat.post(where, fit(card), nonce));
      messages.put(key, { channelId: where, messageId: id });
    },
    async edit({ telling, where, message }) {
      await orBare(telling.card, (card) => chat.edit(where, message, fit(card)));
    },
    async chapter(key, { telling, where, message: card, thread, chapter }) {
      if (thread === null) {
        messages.put(key, { threadId: await chat.openThread(where, card, telling.threadName) });
        return;
      }
      const nonce = nonceOf(`${key} ${thread} ${chapter.seq}`);
      await orBare(chapter.message, (message) => chat.post(thread, fit(message), nonce)).catch(
        (error: unknown) => {
          if (chatFailure(error) !== 'channel-gone') throw error;
          log.warn({ key, seq: chapter.seq }, 'the thread was deleted; this chapter is left out');
        },
      );
      messages.put(key, { deliveredSeq: chapter.seq });
    },
  };

  /** A message Discord finds malformed must not hold back everything after it. */
  async function orBare<T>(message: Message, send: (message: Message) => Promise<T>): Promise<T> {
    try {
      return await send(message);
    } catch (error) {
      if (chatFailure(error) !== 'refused') throw error;
      log.error({ err: error }, 'Discord refused a message; sent without its details');
      const [embed] = message.embeds;
      const bare = 'This could not be shown in full. `sentinel audit export` has all of it.';
      return send({
        embeds: embed ? [{ title: embed.title, colour: embed.colour, description: bare }] : [],
        ...(message.rows ? { rows: message.rows } : {}),
      });
    }
  }
}

/** At most 25 characters; the same key always gives the same nonce, also after a restart. */
function nonceOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
