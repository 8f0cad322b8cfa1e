import type { Audit, AuditEntry } from '../engine/index.ts';
import { genesis, hashOf } from './audit-chain.ts';
import { canonicalJson } from './canonical.ts';
import { parseRow, type Connection } from './connection.ts';
import { integer, object, text } from './shapes/shape.ts';

/** Writes one row at the end of the chain and returns its number. Only inside a transaction. */
export type AddAudit = (entry: AuditEntry, at: string) => number;

export function createAddAudit({ db }: Connection): AddAudit {
  const lastRow = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const insert = db.prepare(`
    INSERT INTO audit (seq, at, actor, action, proposal, deployment, detail, previous, hash)
    VALUES (:seq, :at, :actor, :action, :proposal, :deployment, :detail, :previous, :hash)`);
  return ({ actor, action, proposal = null, deployment = null, detail }, at) => {
    const found = lastRow.get();
    const last =
      found === undefined ? undefined : parseRow({ table: 'audit', id: 'at the end' }, lastShape, found);
    const stored = canonicalJson(detail);
    const plain: unknown = JSON.parse(stored);
    const row = {
      ...{ seq: (last?.seq ?? 0) + 1, at, actor, action, proposal, deployment },
      detail: plain,
      previous: last?.hash ?? genesis,
    };
    insert.run({ ...row, actor: canonicalJson(actor), detail: stored, hash: hashOf(row) });
    return row.seq;
  };
}

export function createAudit({ write, clock }: Connection, add: AddAudit): Audit {
  return { append: (entry) => void write(() => add(entry, clock.now().toISOString())) };
}

const lastShape = object<{ seq: number; hash: string }>({ seq: integer, hash: text });
