import { foldStory, type Story } from '../../../bot/story/fold.ts';
import type { DeploymentEvent, Happening, Outcome, Plan, Problem, Step } from '../../../engine/index.ts';
import { everywhere } from './around.ts';
import { ada, planOf } from './plans.ts';

const begin = Date.parse('2026-03-01T10:00:00.000Z');
const names = [
  ...['grafana', 'metube', 'n8n', 'jellyfin', 'paperless', 'immich', 'vaultwarden', 'home-assistant'],
  ...[
    'sonarr',
    'radarr',
    'prowlarr',
    'bazarr',
    'uptime-kuma',
    'node-red',
    'a-service-with-a-rather-long-name',
  ],
];
const hosts = ['media', 'apps', 'edge'];
const seconds: Readonly<Record<string, number>> = {
  ...{ deploy: 9, traefik: 0.3, dns: 0.4, authentik: 1.1, glance: 0.6, verify: 11 },
};
const broken: Problem = {
  ...{ code: 'health-failed', message: 'It did not become healthy.', hint: 'Look at its log.', evidence: [] },
};

/** What becomes of a service: well, around it something fails, or it is undone. */
export type Fate = 'well' | 'around' | 'undone';

/** A plan for so many services on up to three hosts. */
export function fleetPlan(amount: number): Plan {
  const services = names.slice(0, amount).map((name, at) => ({
    ...{ name, displayName: name, category: 'media', host: hosts[at % Math.min(3, Math.ceil(amount / 2))]! },
    ...({ action: 'modify', dependsOn: [], proof: [] } as const),
  }));
  return planOf({
    services,
    steps: services.flatMap(({ name }) =>
      everywhere(name).map((step) => ({ ...step, id: `${step.id} of ${name}` })),
    ),
  });
}

/** A deployment by the engine: two services at a time, stage by stage. */
export function fleetEvents(
  amount: number,
  fates: Readonly<Record<string, Fate>> = {},
): readonly DeploymentEvent[] {
  const plan = fleetPlan(amount);
  const timed: { readonly at: number; readonly happening: Happening }[] = [];
  const outcomes: Record<string, Outcome> = {};
  const free = [0, 0.2];
  const run = (
    steps: readonly Step[],
    phase: 'forward' | 'unwind',
    at: number,
    failing: string | null,
  ): number => {
    let now = at;
    for (const stage of new Set(steps.map((step) => step.stage))) {
      const own = steps.filter((step) => step.stage === stage);
      for (const { id } of own) timed.push({ at: now, happening: { type: 'step-started', step: id, phase } });
      now += seconds[stage] ?? 1;
      for (const { id } of own)
        timed.push({
          at: now,
          happening:
            stage === failing
              ? { type: 'step-failed', step: id, phase, problem: broken }
              : { type: 'step-done', step: id, phase, did: [] },
        });
    }
    return now;
  };
  for (const { name } of plan.services) {
    const fate = fates[name] ?? 'well';
    const steps = plan.steps.filter(({ service }) => service === name);
    const turn = free[0]! <= free[1]! ? 0 : 1;
    let now = run(
      steps,
      'forward',
      free[turn]!,
      fate === 'around' ? 'dns' : fate === 'undone' ? 'verify' : null,
    );
    if (fate === 'undone') {
      const back = steps
        .filter(({ stage }) => stage === 'deploy' || stage === 'traefik')
        .toReversed()
        .map((step) => ({ ...step, id: `undo ${step.id}` }));
      timed.push({ at: now, happening: { type: 'unwinding', service: name, because: broken, steps: back } });
      now = run(back, 'unwind', now, null);
    }
    free[turn] = now;
    outcomes[name] = fate === 'well' ? 'succeeded' : fate === 'around' ? 'degraded' : 'rolled-back';
  }
  const worst = (['rolled-back', 'degraded'] as const).find((one) => Object.values(outcomes).includes(one));
  timed.push({
    at: Math.max(...free) + 0.5,
    happening: {
      type: 'finished',
      outcome: worst ?? 'succeeded',
      services: outcomes,
      problem: worst === 'rolled-back' ? broken : null,
    },
  });
  const started: Happening = {
    ...{ type: 'started', plan, proposal: null, request: { kind: 'deploy', service: 'grafana' }, actor: ada },
    approvedBy: [],
  };
  return [{ at: 0, happening: started }, ...timed.toSorted((a, b) => a.at - b.at)].map(
    ({ at, happening }, index) => ({
      ...{ deployment: 'd-fleet', seq: index + 1, at: new Date(begin + at * 1000).toISOString() },
      ...happening,
    }),
  );
}

export function fleetStory(amount: number, fates: Readonly<Record<string, Fate>> = {}): Story {
  const story = foldStory(fleetEvents(amount, fates));
  if (story === null) throw new Error('no story');
  return story;
}
