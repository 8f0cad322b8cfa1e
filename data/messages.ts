import { parseRow, type Connection } from './connection.ts';
import { bit, integer, nullable, object, text } from './shapes/shape.ts';

/** Where a story is told in the chat, and how far. Read again after a restart, so nothing is told twice or left out. */
export interface StoredMessage {
  /** `deployment:<id>` or `proposal:<id>`. */
  readonly key: string;
  readonly channelId: string | null;
  readonly messageId: string | null;
  readonly threadId: string | null;
  /** The last event of the journal that everybody has been shown. */
  readonly deliveredSeq: number;
  /** True once nothing more will be said. */
  readonly final: boolean;
}
export interface Messages {
  get(key: string): StoredMessage | undefined;
  /** Creates the message or changes the given fields of it. */
  put(key: string, patch: Partial<Omit<StoredMessage, 'key'>>): StoredMessage;
  /** Those with more to tell, oldest first. */
  unfinished(): readonly StoredMessage[];
}

export function createMessages({ db, write }: Connection): Messages {
  const columns = `
    SELECT key, channel_id AS channelId, message_id AS messageId, thread_id AS threadId,
      delivered_seq AS deliveredSeq, final FROM messages`;
  const byKey = db.prepare(`${columns} WHERE key = ?`);
  const unfinished = db.prepare(`${columns} WHERE final = 0 ORDER BY number`);
  const upsert = db.prepare(`
    INSERT INTO messages (key, channel_id, message_id, thread_id, delivered_seq, final)
    VALUES (:key, :channelId, :messageId, :threadId, :deliveredSeq, :final)
    ON CONFLICT (key) DO UPDATE SET channel_id = excluded.channel_id, message_id = excluded.message_id,
      thread_id = excluded.thread_id, delivered_seq = excluded.delivered_seq, final = excluded.final`);

  function get(key: string): StoredMessage | undefined {
    const row = byKey.get(key);
    return row === undefined ? undefined : parseMessageRow(row);
  }

  return {
    get,
    put(key, patch) {
      return write(() => {
        const empty = { channelId: null, messageId: null, threadId: null, deliveredSeq: 0, final: false };
        const message: StoredMessage = { ...(get(key) ?? empty), ...patch, key };
        upsert.run({ ...message, final: message.final ? 1 : 0 });
        return message;
      });
    },
    unfinished: () => unfinished.all().map(parseMessageRow),
  };
}

const keyShape = object<{ key: string }>({ key: text });
const rowShape = object<StoredMessage>({
  key: text,
  channelId: nullable(text),
  messageId: nullable(text),
  threadId: nullable(text),
  deliveredSeq: integer,
  final: bit,
});

function parseMessageRow(row: unknown): StoredMessage {
  const { key } = parseRow({ table: 'messages', id: 'without a key' }, keyShape, row);
  return parseRow({ table: 'messages', id: key }, rowShape, row);
}
