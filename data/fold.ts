import type { DeploymentEvent, Phase, Plan, Step } from '../engine/index.ts';
import { canonicalJson } from './canonical.ts';
import type { Connection } from './connection.ts';

type StepEvent = Extract<DeploymentEvent, { readonly step: string }>;
type StartEvent = Extract<DeploymentEvent, { readonly type: 'started' }>;

/** Keeps the tables `deployments`, `deployment_services`, `steps` and `pipelines` equal to what the events say. */
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

  const addPipeline = db.prepare('INSERT INTO pipelines (repository, pipeline, deployment) VALUES (?, ?, ?)');
  const findPipeline = db.prepare(`
    INSERT INTO pipelines (repository, pipeline, deployment)
    SELECT body ->> '$.plan.repository', :pipeline, :deployment FROM events
    WHERE deployment = :deployment AND seq = 1
    ON CONFLICT DO NOTHING`);

  function addSteps(deployment: string, phase: Phase, steps: readonly Step[]): void {
    for (const step of steps) {
      const { id, service, stage, system } = step;
      // Steps of the systems around a service tell later what is ours there.
      const body = stage === 'deploy' || stage === 'verify' ? null : canonicalJson(step);
      addStep.run({ deployment, phase, id, service, stage, system, body });
    }
  }

  function foldStep(event: StepEvent): void {
    const { deployment, phase, step, at, type } = event;
    if (type === 'step-started') return void begin.run({ deployment, phase, step, at });
    end.run({
      ...{ deployment, phase, step, at },
      state: type.slice('step-'.length),
      touched: type === 'step-failed' && event.touched === false ? 0 : 1,
    });
  }

  function foldStart({ deployment, proposal, plan, request, at }: StartEvent): void {
    start.run(deployment, proposal, plan.environment, at);
    for (const service of touchedBy(plan)) addService.run(deployment, service);
    addSteps(deployment, 'forward', plan.steps);
    // A second deployment for the same pipeline is refused here, and with it its first event.
    if (request.kind === 'pipeline') addPipeline.run(request.repository, request.pipeline, deployment);
  }

  return (event) => {
    if ('step' in event) {
      foldStep(event);
      return;
    }
    const { deployment, at } = event;
    switch (event.type) {
      case 'started':
        foldStart(event);
        return;
      case 'unwinding':
        addSteps(deployment, 'unwind', event.steps);
        return;
      case 'pipeline':
        return void findPipeline.run({ deployment, pipeline: event.pipeline.id });
      case 'interrupted':
        return void interrupt.run(deployment);
      case 'finished':
        finish.run(event.outcome, at, deployment);
        for (const [service, outcome] of Object.entries(event.services))
          finishService.run(deployment, service, outcome);
        return;
      case 'abort-requested':
      case 'git':
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
