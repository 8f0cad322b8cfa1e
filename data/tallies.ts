import { parseRow, type Connection } from './connection.ts';
import { number, object, text } from './shapes/shape.ts';

/** Counts over everything on record, for whoever watches from outside. */
export interface Tallies {
  /** How many deployments ended how, since the record began. Those that wait for a person are not among them. */
  ended(): readonly Ended[];
  /** The newest deployment of each service that came to an end, for better or worse. */
  newest(): readonly Newest[];
  failedSteps(): readonly FailedSteps[];
  auditRows(): number;
}
export interface FailedSteps {
  readonly stage: string;
  readonly phase: string;
  readonly count: number;
}
export interface Ended {
  readonly environment: string;
  readonly outcome: string;
  readonly count: number;
}
export interface Newest {
  readonly environment: string;
  readonly service: string;
  readonly outcome: string;
  readonly finishedAt: string;
}

const endedRow = object<Ended>({ environment: text, outcome: text, count: number });
const newestRow = object<Newest>({
  environment: text,
  service: text,
  outcome: text,
  finishedAt: text,
});
const failedRow = object<FailedSteps>({ stage: text, phase: text, count: number });
const countRow = object<{ readonly count: number }>({ count: number });

export function createTallies({ db }: Pick<Connection, 'db'>): Tallies {
  const ended = db.prepare(`
    SELECT environment, outcome, count(*) AS count FROM deployments
    WHERE outcome IS NOT NULL AND outcome <> 'interrupted' GROUP BY environment, outcome`);
  const newest = db.prepare(`
    SELECT d.environment, part.service, coalesce(part.outcome, d.outcome) AS outcome, d.finished_at AS finishedAt
    FROM deployments d JOIN deployment_services part ON part.deployment = d.id
    WHERE d.finished_at IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM deployments newer JOIN deployment_services own ON own.deployment = newer.id
      WHERE newer.finished_at IS NOT NULL AND own.service = part.service
        AND newer.environment = d.environment AND newer.number > d.number)`);
  const failedSteps = db.prepare(
    "SELECT stage, phase, count(*) AS count FROM steps WHERE state = 'failed' GROUP BY stage, phase",
  );
  const audit = db.prepare('SELECT count(*) AS count FROM audit');
  const at = (table: string) => ({ table, id: 'a count' });
  return {
    ended: () => ended.all().map((row) => parseRow(at('deployments'), endedRow, row)),
    newest: () => newest.all().map((row) => parseRow(at('deployment_services'), newestRow, row)),
    failedSteps: () => failedSteps.all().map((row) => parseRow(at('steps'), failedRow, row)),
    auditRows: () => parseRow(at('audit'), countRow, audit.get()).count,
  };
}
