import { parseRow, type Connection } from './connection.ts';
import { object, text } from './shapes/shape.ts';

/** Single values to remember, such as the hash of the command list last published. */
export interface Meta {
  getMeta(key: string): string | undefined;
  setMeta(key: string, value: string): void;
}

export function createMeta({ db, write }: Connection): Meta {
  const select = db.prepare('SELECT value FROM meta WHERE key = ?');
  const upsert = db.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const shape = object<{ value: string }>({ value: text });
  return {
    getMeta(key) {
      const row = select.get(key);
      return row === undefined ? undefined : parseRow({ table: 'meta', id: key }, shape, row).value;
    },
    setMeta: (key, value) => void write(() => upsert.run(key, value)),
  };
}
