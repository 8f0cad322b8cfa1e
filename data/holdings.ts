import {
  foldOwned,
  type Held,
  type Holdings,
  type Owned,
  type Phase,
  type StepTaken,
} from '../engine/index.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { step as stepShape } from './shapes/plan.ts';
import { keyOf, object, text } from './shapes/shape.ts';

/** What earlier deployments left on the systems around the services, folded from their steps. */
export function createHoldings({ db }: Connection): Holdings {
  const taken = `
    SELECT s.step AS id, s.body, s.phase, s.state FROM steps s JOIN deployments d ON d.id = s.deployment
    WHERE (:service IS NULL OR s.service = :service) AND d.environment = :environment AND s.body IS NOT NULL
      AND s.state IN ('running', 'done', 'failed') AND s.touched IS NOT 0`;
  const inOrder = "ORDER BY d.number, s.phase = 'unwind', s.position";
  const all = db.prepare(`${taken} ${inOrder}`);
  // By its number where the file is of one of ours, as clocks are set back; by the clock where the command line wrote it.
  const later = db.prepare(`${taken} AND coalesce(
      d.number > (SELECT number FROM deployments WHERE id = :deployment), d.started_at > :at) ${inOrder}`);
  const read = (service: string | null, environment: string): Owned =>
    foldOwned([], all.all({ service, environment }).map(parseStepRow));
  return {
    of: read,
    all: (environment) => read(null, environment),
    since: ({ service, environment, deployment, at, owned }: Held) =>
      foldOwned(owned, later.all({ service, environment, deployment, at }).map(parseStepRow)),
  };
}

const rowShape = object<StepTaken>({
  body: json(stepShape),
  phase: keyOf<Phase>({ forward: true, unwind: true }),
  state: keyOf<StepTaken['state']>({ running: true, done: true, failed: true }),
});
const idShape = object<{ id: string }>({ id: text });

function parseStepRow(row: unknown): StepTaken {
  const { id } = parseRow({ table: 'steps', id: 'without an id' }, idShape, row);
  return parseRow({ table: 'steps', id }, rowShape, row);
}
