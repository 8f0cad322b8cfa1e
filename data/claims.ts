import type { Connection } from './connection.ts';

const day = 24 * 60 * 60 * 1000;

/** How long what was seen is remembered. */
const keepMs = { interactions: day, hooks: 7 * day } as const;

/** Answers true to the first who claims something that may be delivered twice. Forgotten after its time. */
export function createClaim(
  { db, write, clock }: Connection,
  table: keyof typeof keepMs,
): (id: string) => boolean {
  const forget = db.prepare(`DELETE FROM ${table} WHERE seen_at < ?`);
  const claim = db.prepare(`INSERT INTO ${table} (id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING`);
  return (id) =>
    write(() => {
      const now = clock.now();
      forget.run(new Date(now.getTime() - keepMs[table]).toISOString());
      return claim.run(id, now.toISOString()).changes === 1;
    });
}
