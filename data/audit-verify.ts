import type Database from 'better-sqlite3';
import { auditRow, genesis, hashOf, type AuditRow } from './audit-chain.ts';
import { sha256 } from './canonical.ts';
import { readSnapshot } from './read-only.ts';
import { integer, Mismatch, nullable, object, text } from './shapes/shape.ts';

export type Verification =
  | {
      readonly ok: true;
      readonly rows: number;
      /** Hash of the last row, to be noted elsewhere. */ readonly head: string;
    }
  | ({ readonly ok: false } & Break);

/** Where the record stops being what was written. `row` is the first that cannot be trusted. */
export interface Break {
  readonly row: number;
  readonly kind: 'edited' | 'missing' | 'reordered' | 'relinked' | 'truncated' | 'journal' | 'unguarded';
  readonly reason: string;
}

/**
 * Checks the whole audit log, offline and without changing anything. `head` is a hash noted earlier:
 * only with it can rows missing at the end be noticed.
 */
export function verifyAudit(file: string, expected: { readonly head?: string } = {}): Verification {
  return readSnapshot(file, (db) => {
    const walked = walkChain(db, expected.head);
    if ('reason' in walked) return { ok: false, ...walked };
    const broken = checkHead(walked, expected.head) ?? checkJournal(db) ?? checkGuards(db);
    return broken === undefined
      ? { ok: true, rows: walked.rows, head: walked.head }
      : { ok: false, ...broken };
  });
}

interface Walked {
  readonly rows: number;
  readonly head: string;
  readonly passedHead: boolean;
}

function walkChain(db: Database.Database, wanted: string | undefined): Walked | Break {
  let rows = 0;
  let head = genesis;
  let passedHead = wanted === genesis;
  for (const raw of db.prepare('SELECT * FROM audit ORDER BY seq').iterate()) {
    const expected = rows + 1;
    const seq = parseSeq(raw);
    if (seq !== expected) {
      const gone = seq - 1 > expected ? `rows ${expected} to ${seq - 1} are` : `row ${expected} is`;
      return {
        row: expected,
        kind: 'missing',
        reason: `${gone} missing: after row ${rows} comes row ${seq}`,
      };
    }
    const row = readRow(raw);
    if (typeof row === 'string') return { row: seq, kind: 'edited', reason: `row ${seq} was edited: ${row}` };
    if (hashOf(row) !== row.hash) return explainHash(db, row);
    if (row.previous !== head) return explainLink(db, row);
    rows = seq;
    head = row.hash;
    passedHead ||= head === wanted;
  }
  return { rows, head, passedHead };
}

/** A row whose content fits its hash under another number was moved; otherwise it was edited. */
function explainHash(db: Database.Database, row: AuditRow): Break {
  const last = object<{ last: number }>({ last: integer })(
    db.prepare('SELECT max(seq) AS last FROM audit').get(),
    '',
  ).last;
  // Rows may also have been taken out, so its true number can lie beyond the last one that is left.
  for (let seq = 1; seq <= 2 * last; seq += 1)
    if (seq !== row.seq && hashOf({ ...row, seq }) === row.hash)
      return {
        row: row.seq,
        kind: 'reordered',
        reason: `row ${row.seq} holds what was written as row ${seq}: rows were put in another order or renumbered`,
      };
  return {
    row: row.seq,
    kind: 'edited',
    reason: `row ${row.seq} was edited: its content does not give its hash`,
  };
}

function explainLink(db: Database.Database, { seq, previous }: AuditRow): Break {
  const elsewhere = db.prepare('SELECT seq FROM audit WHERE hash = ?').pluck().get(previous);
  const reason =
    typeof elsewhere === 'number'
      ? `row ${seq} was written after what is now row ${elsewhere}`
      : seq === 1
        ? 'the first row names a row before it: the beginning is missing'
        : `row ${seq} does not follow row ${seq - 1}: row ${seq - 1} was rewritten with a new hash, or rows between them were taken out`;
  return { row: seq, kind: 'relinked', reason };
}

function checkHead({ rows, passedHead }: Walked, wanted: string | undefined): Break | undefined {
  if (wanted === undefined || passedHead) return undefined;
  return {
    row: rows + 1,
    kind: 'truncated',
    reason: `no row has the noted hash ${wanted}: rows after row ${rows} were removed, or the log was written anew`,
  };
}

/** Every event of the journal was written together with an audit row that holds its hash, and the other way round. */
function checkJournal(db: Database.Database): Break | undefined {
  const pairs = db.prepare(`
    SELECT audit.seq AS row, audit.detail ->> '$.event.sha256' AS noted, audit.deployment, events.body
    FROM audit LEFT JOIN events ON events.audit = audit.seq
    WHERE noted IS NOT NULL OR events.body IS NOT NULL ORDER BY audit.seq`);
  for (const raw of pairs.iterate()) {
    const { row, noted, deployment, body } = pairShape(raw, '');
    const of = `of deployment ${deployment ?? 'without a name'}`;
    if (body === null)
      return {
        row,
        kind: 'journal',
        reason: `the event ${of} that row ${row} tells of is missing from the journal`,
      };
    if (noted !== sha256(body))
      return {
        row,
        kind: 'journal',
        reason: `the event ${of} that row ${row} tells of was edited in the journal`,
      };
  }
  const stray = db
    .prepare('SELECT min(audit) FROM events WHERE audit NOT IN (SELECT seq FROM audit)')
    .pluck()
    .get();
  return typeof stray === 'number'
    ? {
        row: stray,
        kind: 'truncated',
        reason: `row ${stray} is missing: the journal has an event written with it`,
      }
    : undefined;
}

const guards = ['audit', 'events'].flatMap((table) =>
  ['never_changed', 'never_removed', 'in_order'].map((rule) => `${table}_${rule}`),
);

/** The rows may be right and the triggers that protect them gone: somebody prepared something. */
function checkGuards(db: Database.Database): Break | undefined {
  const found = new Set(db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all());
  const gone = guards.filter((name) => !found.has(name));
  return gone.length === 0
    ? undefined
    : { row: 0, kind: 'unguarded', reason: `the rows fit, but protections were removed: ${gone.join(', ')}` };
}

const seqShape = object<{ seq: number }>({ seq: integer });
const pairShape = object<{
  row: number;
  noted: string | null;
  deployment: string | null;
  body: string | null;
}>({ row: integer, noted: nullable(text), deployment: nullable(text), body: nullable(text) });

function parseSeq(raw: unknown): number {
  return seqShape(raw, '').seq;
}

/** The row, or what is wrong with its form. */
function readRow(raw: unknown): AuditRow | string {
  try {
    return auditRow(raw, '');
  } catch (error) {
    if (error instanceof Mismatch || error instanceof SyntaxError) return error.message;
    throw error;
  }
}
