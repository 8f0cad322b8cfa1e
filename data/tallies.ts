import { parseRow, type Connection } from './connection.ts';
import { number, object, text } from './shapes/shape.ts';

/** Counts over everything on record, for whoever watches from outside. */
export interface Tallies {
  /** How many deployments ended how, since the record began. Those that wait for a person are not among them. */
  ended(): readonly Ended[];
  /** The newest deployment of each service that did something to it, for better or worse. */
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
  // SQLite takes the other columns from the row that has the max(). One walk, however long the record is.
  const newest = db.prepare(`
    SELECT environment, service, outcome, finishedAt FROM (
      SELECT d.environment, part.service, part.outcome, d.finished_at AS finishedAt, max(d.number)
      FROM deployments d JOIN deployment_services part ON part.deployment = d.id
      WHERE d.finished_at IS NOT NULL AND part.outcome IS NOT NULL
      GROUP BY d.environment, part.service)`);
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
