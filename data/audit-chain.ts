import type { Actor } from '../engine/index.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { json } from './connection.ts';
import { actor } from './shapes/plan.ts';
import { anything, integer, nullable, object, text } from './shapes/shape.ts';

/** One row of the audit log. `previous` is the hash of the row before it, so that no row can change alone. */
export interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly actor: Actor;
  readonly action: string;
  readonly proposal: string | null;
  readonly deployment: string | null;
  readonly detail: unknown;
  readonly previous: string;
  readonly hash: string;
}

/** What the first row names as the one before it. */
export const genesis = '0'.repeat(64);

/** The hash covers everything in the row but itself. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { seq, at, actor, action, proposal, deployment, detail, previous } = row;
  return sha256(canonicalJson({ seq, at, actor, action, proposal, deployment, detail, previous }));
}

/** A row as SQLite gives it. */
export const auditRow = object<AuditRow>({
  seq: integer,
  at: text,
  actor: json(actor),
  action: text,
  proposal: nullable(text),
  deployment: nullable(text),
  detail: json(anything),
  previous: text,
  hash: text,
});
