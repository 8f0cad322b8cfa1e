import { auditRow } from './audit-chain.ts';
import { canonicalJson } from './canonical.ts';
import { parseRow } from './connection.ts';
import { readSnapshot } from './read-only.ts';
import { integer, object } from './shapes/shape.ts';

/** Writes the audit log as JSON Lines, one canonical object for each row, hashes included; returns how many. */
export function exportAudit(
  file: string,
  { since }: { /** ISO date or time; earlier rows are left out. */ readonly since?: string | undefined },
  writeLine: (line: string) => void,
): number {
  const from = since === undefined ? '' : new Date(since).toISOString();
  return readSnapshot(file, (db) => {
    let count = 0;
    for (const raw of db.prepare('SELECT * FROM audit WHERE at >= ? ORDER BY seq').iterate(from)) {
      const { seq } = seqShape(raw, '');
      writeLine(canonicalJson(parseRow({ table: 'audit', id: String(seq) }, auditRow, raw)));
      count += 1;
    }
    return count;
  });
}

const seqShape = object<{ seq: number }>({ seq: integer });
