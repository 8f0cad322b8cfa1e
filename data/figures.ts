import type { DeploymentFigures, Deployments } from '../engine/index.ts';
import { parseRow, type Connection } from './connection.ts';
import { outcome } from './shapes/plan.ts';
import { integer, object } from './shapes/shape.ts';

/** Of a deployment, or of the service's part in it. Pipelines that deployed nothing and that nobody asked for do not count. */
const ended = `
  SELECT d.finished_at AS at, CASE WHEN :service IS NULL THEN d.outcome ELSE part.outcome END AS outcome
  FROM deployments d
  LEFT JOIN deployment_services part ON part.deployment = d.id AND part.service = :service
  WHERE d.environment = :environment AND d.finished_at > :since AND d.finished_at <= :now
    AND (:service IS NOT NULL
      OR EXISTS (SELECT 1 FROM deployment_services any_part WHERE any_part.deployment = d.id AND any_part.outcome IS NOT NULL)
      OR (SELECT json_extract(e.body, '$.request.kind') FROM events e WHERE e.deployment = d.id AND e.seq = 1) <> 'pipeline')`;

const told = "('succeeded', 'degraded', 'rolled-back', 'failed', 'needs-attention')";

/**
 * The first that did not go well after one that did, until the next that did. Whatever was stopped says neither. Only
 * the window is walked, since the record grows for ever; what was before it is asked for where a service begins badly.
 */
const recovered = `
  WITH parts AS (
    SELECT part.service, d.number, d.finished_at AS at, part.outcome = 'succeeded' AS well
    FROM deployments d JOIN deployment_services part ON part.deployment = d.id
    WHERE d.environment = :environment AND (:service IS NULL OR part.service = :service)
      AND d.finished_at > :since AND d.finished_at <= :now AND part.outcome IN ${told}),
  marked AS (
    SELECT *, lag(well) OVER (PARTITION BY service ORDER BY number) AS was_well,
      min(CASE WHEN well THEN number END) OVER (
        PARTITION BY service ORDER BY number ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS back
    FROM parts)
  SELECT CAST(round((julianday(good.at) - julianday(bad.at)) * 86400000) AS INTEGER) AS ms
  FROM marked bad JOIN parts good ON good.service = bad.service AND good.number = bad.back
  WHERE NOT bad.well AND coalesce(bad.was_well, (
    SELECT part.outcome = 'succeeded'
    FROM deployment_services part JOIN deployments d ON d.id = part.deployment
    WHERE part.service = bad.service AND d.environment = :environment AND d.number < bad.number
      AND d.finished_at IS NOT NULL AND part.outcome IN ${told}
    ORDER BY d.number DESC LIMIT 1), 1)
  ORDER BY bad.at`;

const countRow = object<DeploymentFigures['outcomes'][number]>({ ago: integer, outcome, count: integer });
const recoveryRow = object<{ ms: number }>({ ms: integer });
const dayMs = 86_400_000;

/** How deployments went: counted by the database, whatever else is in the record. */
export function createFigures({ db }: Connection): Deployments['figures'] {
  const counts = db.prepare(`
    SELECT CAST((julianday(:now) - julianday(at)) AS INTEGER) AS ago, outcome, count(*) AS count
    FROM (${ended}) WHERE outcome IS NOT NULL AND outcome <> 'interrupted' GROUP BY ago, outcome ORDER BY ago`);
  const recoveries = db.prepare(recovered);
  const table = { table: 'deployments', id: 'figures' };
  return ({ environment, service, now, days }) => {
    const since = new Date(now.getTime() - days * dayMs).toISOString();
    const asked = { environment, service, now: now.toISOString(), since };
    return {
      outcomes: counts.all(asked).map((row) => parseRow(table, countRow, row)),
      recoveries: recoveries.all(asked).map((row) => Math.max(0, parseRow(table, recoveryRow, row).ms)),
    };
  };
}
