import type { Holdings, Owned, Phase, Step } from '../engine/index.ts';
import { json, parseRow, type Connection } from './connection.ts';
import { step as stepShape } from './shapes/plan.ts';
import { keyOf, object, text } from './shapes/shape.ts';

/** What earlier deployments left on the systems around the services, folded from their steps. */
export function createHoldings({ db }: Connection): Holdings {
  const select = db.prepare(`
    SELECT s.step AS id, s.body, s.phase, s.state FROM steps s JOIN deployments d ON d.id = s.deployment
    WHERE (:service IS NULL OR s.service = :service) AND d.environment = :environment AND s.body IS NOT NULL
      AND s.state IN ('running', 'done', 'failed') AND s.touched IS NOT 0
    ORDER BY d.number, s.phase = 'unwind', s.position`);
  const read = (service: string | null, environment: string): Owned =>
    fold(select.all({ service, environment }).map(parseStepRow));
  return { of: read, all: (environment) => read(null, environment) };
}

interface Row {
  readonly body: Step;
  readonly phase: Phase;
  readonly state: 'running' | 'done' | 'failed';
}
const rowShape = object<Row>({
  body: json(stepShape),
  phase: keyOf<Phase>({ forward: true, unwind: true }),
  state: keyOf<Row['state']>({ running: true, done: true, failed: true }),
});
const idShape = object<{ id: string }>({ id: text });

function parseStepRow(row: unknown): Row {
  const { id } = parseRow({ table: 'steps', id: 'without an id' }, idShape, row);
  return parseRow({ table: 'steps', id }, rowShape, row);
}

/**
 * What may be half there counts as ours where nothing was before; else what was before still does, as a step that fails
 * leaves things as it found them. What may be half gone still counts.
 */
function fold(oldestFirst: readonly Row[]): Owned {
  const held = new Map<string, Owned[number]>();
  for (const { body, phase, state } of oldestFirst) {
    if (body.stage === 'deploy' || body.stage === 'verify') continue;
    const key = `${body.service} ${body.stage} ${body.target}`;
    if (state === 'done') {
      if (body.after === null) held.delete(key);
      else held.set(key, body);
    } else if (phase === 'forward' && body.after !== null && !held.has(key)) held.set(key, body);
  }
  return [...held.values()];
}
