import { ProblemError, type Actor, type DeploymentEvent, type Journal } from '../engine/index.ts';
import type { AddAudit } from './audit.ts';
import { canonicalJson, sha256 } from './canonical.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { detailOf } from './event-detail.ts';
import { createFold } from './fold.ts';
import { event as eventShape } from './shapes/event.ts';
import { actor as actorShape } from './shapes/plan.ts';
import { integer, nullable, object, text } from './shapes/shape.ts';

/** Sentinel itself, for what no person did. */
const sentinel: Actor = { id: 'sentinel', name: 'Sentinel', roles: [] };

/** Event, folded tables and audit row are one transaction: all three are on disk when `append` returns, or none is. */
export function createJournal(connection: Connection, addAudit: AddAudit): Journal {
  const { db, write } = connection;
  const fold = createFold(connection);
  const insert = db.prepare(
    'INSERT INTO events (deployment, seq, type, body, audit) VALUES (:deployment, :seq, :type, :body, :audit)',
  );
  const select = db.prepare(
    'SELECT deployment, seq, body FROM events WHERE deployment = ? AND seq > ? ORDER BY seq',
  );
  const position = db.prepare(`
    SELECT max(seq) AS seq, outcome, proposal,
      (SELECT body ->> '$.actor' FROM events WHERE deployment = :deployment AND seq = 1) AS actor
    FROM events JOIN deployments ON deployments.id = events.deployment WHERE deployment = :deployment`);

  return {
    append(event) {
      write(() => {
        const { deployment, seq, at, type } = event;
        const before = parseRow(
          { table: 'deployments', id: deployment },
          positionShape,
          position.get({ deployment }),
        );
        refuseOutOfOrder(event, before);
        const body = canonicalJson(event);
        const entry = {
          actor: actorOf(event, before.actor),
          action: actionOf(event),
          proposal: event.type === 'started' ? event.proposal : before.proposal,
          deployment,
          detail: { ...detailOf(event), event: { seq, type, sha256: sha256(body) } },
        };
        fold(event);
        insert.run({ deployment, seq, type, body, audit: addAudit(entry, at) });
      });
    },
    events(deployment, afterSeq = 0) {
      return select.all(deployment, afterSeq).map(parseEventRow);
    },
  };
}

/** Where a deployment's story stands before the next event. */
interface Position {
  readonly seq: number | null;
  readonly outcome: string | null;
  readonly proposal: string | null;
  readonly actor: Actor | null;
}
const positionShape = object<Position>({
  seq: nullable(integer),
  outcome: nullable(text),
  proposal: nullable(text),
  actor: nullable(json(actorShape)),
});

const keyShape = object<{ deployment: string; seq: number }>({ deployment: text, seq: integer });
const bodyShape = object<{ body: DeploymentEvent }>({ body: json(eventShape) });

export function parseEventRow(row: unknown): DeploymentEvent {
  const { deployment, seq } = parseRow({ table: 'events', id: 'without a number' }, keyShape, row);
  return parseRow({ table: 'events', id: `${deployment}/${seq}` }, bodyShape, row).body;
}

function refuseOutOfOrder({ deployment, seq, type }: DeploymentEvent, before: Position): void {
  const next = (before.seq ?? 0) + 1;
  const wrong =
    seq !== next
      ? `is not the next one (${next})`
      : (type === 'started') !== (seq === 1)
        ? 'is out of place: a deployment begins with "started", once'
        : ended(before.outcome, type)
          ? `comes after its end (${before.outcome ?? ''})`
          : null;
  if (wrong === null) return;
  throw new ProblemError({
    code: 'journal-failed',
    message: `Event ${seq} (${type}) of deployment ${deployment} ${wrong}.`,
    where: `deployment ${deployment}`,
    hint: 'Another process may be working on the same deployment; nothing was written.',
  });
}

/** A deployment that was cut off may still be given its end by a person; one that ended has no more to tell. */
function ended(outcome: string | null, type: DeploymentEvent['type']): boolean {
  return outcome !== null && !(outcome === 'interrupted' && (type === 'finished' || type === 'git'));
}

function actorOf(event: DeploymentEvent, starter: Actor | null): Actor {
  if (event.type === 'started' || event.type === 'abort-requested') return event.actor;
  return event.type === 'interrupted' ? sentinel : (starter ?? sentinel);
}

function actionOf({ type }: DeploymentEvent): string {
  return type === 'started' || type === 'finished' || type === 'interrupted' ? `deployment-${type}` : type;
}
