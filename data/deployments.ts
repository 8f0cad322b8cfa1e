import type { DeploymentRecord, Deployments } from '../engine/index.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { started, type Started } from './shapes/event.ts';
import { outcome } from './shapes/plan.ts';
import { nullable, object, text, type Shape } from './shapes/shape.ts';

/** What was deployed and how it ended: the folded table, with everything else read from the event that started it. */
export function createDeployments({ db }: Connection): Deployments {
  const columns = `
    SELECT d.id, d.started_at AS startedAt, d.finished_at AS finishedAt, d.outcome, e.body AS started
    FROM deployments d JOIN events e ON e.deployment = d.id AND e.seq = 1`;
  const byId = db.prepare(`${columns} WHERE d.id = ?`);
  const recent = db.prepare(`${columns} ORDER BY d.number DESC LIMIT ?`);
  const ofService = db.prepare(`${columns}
    WHERE d.id IN (SELECT deployment FROM deployment_services WHERE service = ?)
    ORDER BY d.number DESC LIMIT ?`);
  // A pipeline begun outside counts only where somebody here agreed to one of its jobs: what it says of itself proves nothing.
  const lastGood = db.prepare(`${columns}
    WHERE d.environment = ? AND d.outcome IN ('succeeded', 'degraded')
      AND json_extract(e.body, '$.plan.repository') = ?
      AND (json_extract(e.body, '$.request.kind') <> 'pipeline' OR EXISTS (
        SELECT 1 FROM events played WHERE played.deployment = d.id AND played.type = 'job-played'
          AND json_extract(played.body, '$.problem') IS NULL))
    ORDER BY d.number DESC LIMIT 1`);
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
      const row = lastGood.get(environment, repository);
      return row === undefined ? undefined : parseDeploymentRow(row);
    },
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
