import type { DeploymentEvent, Phase, Plan, Step } from '../engine/index.ts';
import { canonicalJson } from './canonical.ts';
import type { Connection } from './connection.ts';

/** Keeps the tables `deployments`, `deployment_services` and `steps` equal to what the events say. */
export function createFold({ db }: Connection): (event: DeploymentEvent) => void {
  const start = db.prepare(
    'INSERT INTO deployments (id, proposal, environment, started_at) VALUES (?, ?, ?, ?)',
  );
  const addService = db.prepare('INSERT INTO deployment_services (deployment, service) VALUES (?, ?)');
  const addStep = db.prepare(`
    INSERT INTO steps (deployment, phase, step, position, service, stage, system, state, body)
    SELECT :deployment, :phase, :id, 1 + count(*), :service, :stage, :system, 'waiting', :body FROM steps
    WHERE deployment = :deployment AND phase = :phase
    ON CONFLICT DO UPDATE SET state = 'waiting'`);
  const begin = db.prepare(
    `UPDATE steps SET state = 'running', started_at = :at WHERE deployment = :deployment AND phase = :phase AND step = :step`,
  );
  const end = db.prepare(
    'UPDATE steps SET state = :state, ended_at = :at, touched = :touched WHERE deployment = :deployment AND phase = :phase AND step = :step',
  );
  const interrupt = db.prepare(`UPDATE deployments SET outcome = 'interrupted' WHERE id = ?`);
  const finish = db.prepare('UPDATE deployments SET outcome = ?, finished_at = ? WHERE id = ?');
  const finishService = db.prepare(
    'INSERT INTO deployment_services (deployment, service, outcome) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET outcome = excluded.outcome',
  );

  function addSteps(deployment: string, phase: Phase, steps: readonly Step[]): void {
    for (const step of steps) {
      const { id, service, stage, system } = step;
      // Steps of the systems around a service tell later what is ours there.
      const body = stage === 'deploy' || stage === 'verify' ? null : canonicalJson(step);
      addStep.run({ deployment, phase, id, service, stage, system, body });
    }
  }

  return (event) => {
    const { deployment, at } = event;
    switch (event.type) {
      case 'started':
        start.run(deployment, event.proposal, event.plan.environment, at);
        for (const service of touchedBy(event.plan)) addService.run(deployment, service);
        addSteps(deployment, 'forward', event.plan.steps);
        return;
      case 'unwinding':
        addSteps(deployment, 'unwind', event.steps);
        return;
      case 'step-started':
        return void begin.run({ deployment, phase: event.phase, step: event.step, at });
      case 'step-done':
      case 'step-failed':
      case 'step-skipped':
        return void end.run({
          ...{ deployment, phase: event.phase, step: event.step, at },
          state: event.type.slice('step-'.length),
          touched: event.type === 'step-failed' && event.touched === false ? 0 : 1,
        });
      case 'interrupted':
        return void interrupt.run(deployment);
      case 'finished':
        finish.run(event.outcome, at, deployment);
        for (const [service, outcome] of Object.entries(event.services))
          finishService.run(deployment, service, outcome);
        return;
      case 'abort-requested':
      case 'git':
      case 'pipeline':
      case 'job':
      case 'gate':
      case 'job-played':
        return;
    }
  };
}

/** The services a plan does something to. */
function touchedBy({ services, steps }: Plan): ReadonlySet<string> {
  const acted = services.filter(({ action }) => action !== 'none').map(({ name }) => name);
  return new Set([...acted, ...steps.map(({ service }) => service)]);
}
