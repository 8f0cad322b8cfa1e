import type { DeploymentRecord, Deployments } from '../engine/index.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { createFigures } from './figures.ts';
import { started, type Started } from './shapes/event.ts';
import { outcome } from './shapes/plan.ts';
import { nullable, object, text, type Shape } from './shapes/shape.ts';

/** A pipeline nobody asked for here. */
const byItself = `(json_extract(e.body, '$.request.kind') = 'pipeline')`;
/** Asked for here, or at least let run by somebody: whoever only pushes agrees to nothing. */
const agreed = `(NOT ${byItself} OR d.id IN (SELECT deployment FROM proposals WHERE state = 'done'))`;

/** What was deployed and how it ended: the folded table, with everything else read from the event that started it. */
export function createDeployments(connection: Connection): Deployments {
  const { db } = connection;
  const columns = `
    SELECT d.id, d.started_at AS startedAt, d.finished_at AS finishedAt, d.outcome, e.body AS started
    FROM deployments d JOIN events e ON e.deployment = d.id AND e.seq = 1`;
  const byId = db.prepare(`${columns} WHERE d.id = ?`);
  const recent = db.prepare(`${columns} ORDER BY d.number DESC LIMIT ?`);
  const ofService = db.prepare(`${columns}
    WHERE EXISTS (
      SELECT 1 FROM deployment_services part
      WHERE part.deployment = d.id AND part.service = ?
        AND (part.outcome IS NOT NULL OR d.finished_at IS NULL OR NOT ${byItself}))
    ORDER BY d.number DESC LIMIT ?`);
  const good = `${columns}
    WHERE d.environment = ? AND d.outcome IN ('succeeded', 'degraded')
      AND json_extract(e.body, '$.plan.repository') = ?
      AND (NOT ${byItself} OR EXISTS (
        SELECT 1 FROM deployment_services part
        WHERE part.deployment = d.id AND part.outcome IN ('succeeded', 'degraded')))`;
  const newestAgreed = db.prepare(`${good} AND ${agreed} ORDER BY d.number DESC LIMIT 1`);
  const oldest = db.prepare(`${good} ORDER BY d.number LIMIT 1`);
  // An interrupted deployment needs a person until each of its services has been deployed well since.
  const unfinished = db.prepare(`${columns}
    WHERE d.outcome IS NULL OR d.outcome = 'interrupted' AND EXISTS (
      SELECT 1 FROM deployment_services left_over
      WHERE left_over.deployment = d.id AND NOT EXISTS (
        SELECT 1 FROM deployment_services since JOIN deployments newer ON newer.id = since.deployment
        WHERE since.service = left_over.service AND since.outcome IN ('succeeded', 'degraded')
          AND newer.environment = d.environment AND newer.number > d.number))
    ORDER BY d.number`);
  const ofPipeline = db.prepare(`${columns}
    WHERE d.id = (SELECT deployment FROM pipelines WHERE repository = ? AND pipeline = ?)`);

  return {
    get(id) {
      const row = byId.get(id);
      return row === undefined ? undefined : parseDeploymentRow(row);
    },
    ofService: (service, limit) => ofService.all(service, limit).map(parseDeploymentRow),
    unfinished: () => unfinished.all().map(parseDeploymentRow),
    recent: (limit) => recent.all(limit).map(parseDeploymentRow),
    lastGood(repository, environment) {
      const row = newestAgreed.get(environment, repository) ?? oldest.get(environment, repository);
      return row === undefined ? undefined : parseDeploymentRow(row);
    },
    figures: createFigures(connection),
    ofPipeline(repository, pipeline) {
      const row = ofPipeline.get(repository, pipeline);
      return row === undefined ? undefined : parseDeploymentRow(row);
    },
  };
}

interface Row extends Pick<DeploymentRecord, 'id' | 'startedAt' | 'finishedAt' | 'outcome'> {
  readonly started: Started;
}
const anyOutcome: Shape<DeploymentRecord['outcome']> = (value, at) =>
  value === 'interrupted' ? value : nullable(outcome)(value, at);
const rowShape = object<Row>({
  id: text,
  startedAt: text,
  finishedAt: nullable(text),
  outcome: anyOutcome,
  started: json(started),
});
const idShape = object<{ id: string }>({ id: text });

function parseDeploymentRow(row: unknown): DeploymentRecord {
  const { id } = parseRow({ table: 'deployments', id: 'without an id' }, idShape, row);
  const { started, ...rest } = parseRow({ table: 'deployments', id }, rowShape, row);
  const { proposal, plan, request, actor, approvedBy } = started;
  return { ...rest, proposal, plan, request, actor, approvedBy };
}
