import type { Connection } from './connection.ts';

const keepMs = 24 * 60 * 60 * 1000;

/** Answers true to the first who claims an interaction: the chat may deliver the same one twice. Forgotten after a day. */
export function createClaimInteraction({ db, write, clock }: Connection): (id: string) => boolean {
  const forget = db.prepare('DELETE FROM interactions WHERE seen_at < ?');
  const claim = db.prepare('INSERT INTO interactions (id, seen_at) VALUES (?, ?) ON CONFLICT DO NOTHING');
  return (id) =>
    write(() => {
      const now = clock.now();
      forget.run(new Date(now.getTime() - keepMs).toISOString());
      return claim.run(id, now.toISOString()).changes === 1;
    });
}
