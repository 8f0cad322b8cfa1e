import type { Proposal, Proposals, Vote } from '../engine/index.ts';
import { canonicalJson } from './canonical.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { actor, plan, request } from './shapes/plan.ts';
import { draft, offer, proposalState, rule, verdict } from './shapes/proposal.ts';
import { Mismatch, nullable, object, text } from './shapes/shape.ts';

/** Plans people were shown. What becomes of one is decided in the database, so that of two deciders one wins. */
export function createProposals({ db, write }: Connection): Proposals {
  const insert = db.prepare(`
    INSERT INTO proposals
      (id, state, request, plan, rule, requested_by, created_at, expires_at, deployment, draft, offer)
    VALUES (:id, :state, :request, :plan, :rule, :requestedBy, :createdAt, :expiresAt, :deployment, :draft, :offer)`);
  const columns = `
    SELECT id, state, request, plan, rule, requested_by AS requestedBy,
      created_at AS createdAt, expires_at AS expiresAt, deployment, draft, offer FROM proposals`;
  const byId = db.prepare(`${columns} WHERE id = ?`);
  const pending = db.prepare(`${columns} WHERE state = 'pending' ORDER BY number`);
  const move = db.prepare(`
    UPDATE proposals SET state = :to, deployment = coalesce(:deployment, deployment),
      expires_at = coalesce(:expiresAt, expires_at), offer = coalesce(:offer, offer)
    WHERE id = :id AND state IN (SELECT value FROM json_each(:from))`);
  const addVote = db.prepare(`
    INSERT INTO votes (proposal, person, actor, verdict, reason, at)
    VALUES (:proposal, :person, :actor, :verdict, :reason, :at) ON CONFLICT (proposal, person) DO NOTHING`);
  const votes = db.prepare(
    'SELECT actor AS "by", verdict, reason, at FROM votes WHERE proposal = ? ORDER BY number',
  );

  function vote(proposal: string, { by, verdict, reason, at }: Vote): boolean {
    const row = { proposal, person: by.id, actor: canonicalJson(by), verdict, reason, at };
    return addVote.run(row).changes === 1;
  }

  function parseProposalRow(row: unknown): Proposal {
    const { id } = parseRow({ table: 'proposals', id: 'without an id' }, idShape, row);
    const rest = parseRow({ table: 'proposals', id }, rowShape, row);
    const cast = votes
      .all(id)
      .map((found) => parseRow({ table: 'votes', id: `of proposal ${id}` }, voteShape, found));
    return { ...rest, votes: cast };
  }

  return {
    create(proposal) {
      const { id, state, createdAt, expiresAt, deployment } = proposal;
      write(() => {
        insert.run({
          ...{ id, state, createdAt, expiresAt, deployment },
          request: canonicalJson(proposal.request),
          plan: canonicalJson(proposal.plan),
          rule: canonicalJson(proposal.rule),
          requestedBy: canonicalJson(proposal.requestedBy),
          draft: proposal.draft && canonicalJson(proposal.draft),
          offer: proposal.offer && canonicalJson(proposal.offer),
        });
        for (const given of proposal.votes) vote(id, given);
      });
    },
    get(id) {
      const row = byId.get(id);
      return row === undefined ? undefined : parseProposalRow(row);
    },
    pending: () => pending.all().map(parseProposalRow),
    move(id, from, to, { deployment = null, expiresAt = null, offer: offered } = {}) {
      const shown = offered === undefined ? null : canonicalJson(offered);
      const change = { id, from: JSON.stringify(from), to, deployment, expiresAt, offer: shown };
      return write(() => move.run(change).changes === 1);
    },
    vote: (id, given) => write(() => vote(id, given)),
    readPlan(value) {
      try {
        return plan(value, '');
      } catch (error) {
        if (error instanceof Mismatch) return null;
        throw error;
      }
    },
  };
}

const idShape = object<{ id: string }>({ id: text });
const rowShape = object<Omit<Proposal, 'votes'>>({
  id: text,
  request: json(request),
  plan: json(plan),
  rule: json(rule),
  requestedBy: json(actor),
  createdAt: text,
  expiresAt: text,
  state: proposalState,
  deployment: nullable(text),
  draft: nullable(json(draft)),
  offer: nullable(json(offer)),
});
const voteShape = object<Vote>({ by: json(actor), verdict, reason: nullable(text), at: text });
