import { describe, expect, test } from 'vitest';
import type { Step, StepOf } from '../../engine/index.ts';
import { inOrder } from '../../engine/phases.ts';
import { reverse } from '../../engine/swap.ts';
import { deployStep, verifyStep } from './fixtures.ts';

const route = (signOn: boolean, backend = 'http://10.0.0.5:3030') => ({
  ...{ host: 'edge', path: '/etc/traefik/grafana.yml', hostnames: ['grafana.lan'] },
  ...{ backend, signOn, content: `${signOn} ${backend}` },
});
type RouteSide = StepOf<'traefik'>['after'];
const routeStep = (before: RouteSide, after: RouteSide): StepOf<'traefik'> => ({
  ...{ id: 'traefik', stage: 'traefik', service: 'grafana', system: 'edge', target: 'route', cause: 'x' },
  ...{ changes: [], before, after },
});
const record = { name: 'old.lan', addresses: ['10.0.0.2'], entries: ['10.0.0.2 old.lan'] };
const oldName: StepOf<'dns'> = {
  ...{ id: 'dns', stage: 'dns', service: 'grafana', system: 'Pi-hole', target: 'old.lan', cause: 'x' },
  ...{ changes: [], before: record, after: null },
};
const stagesOf = (steps: readonly Step[]) => steps.map(({ stage }) => stage);

describe('the order of a deployment', () => {
  test('a door that is closed is closed before anything behind it changes, and opened last on the way back', () => {
    const steps = inOrder([
      deployStep('grafana'),
      routeStep(route(false), route(true)),
      verifyStep('grafana'),
    ]);
    expect(stagesOf(steps)).toEqual(['traefik', 'deploy', 'verify']);
    expect(stagesOf(reverse(steps))).toEqual(['deploy', 'traefik', 'verify']);
  });

  test('a door that is opened is opened after what is behind it has changed', () => {
    const steps = inOrder([routeStep(route(true), route(false)), deployStep('grafana')]);
    expect(stagesOf(steps)).toEqual(['deploy', 'traefik']);
  });

  test('what leaves goes after everything was verified, the name before the route, the route before the containers', () => {
    const removal = deployStep('grafana', { after: null });
    const steps = inOrder([removal, oldName, routeStep(route(false), null), verifyStep('wiki')]);
    expect(stagesOf(steps)).toEqual(['verify', 'dns', 'traefik', 'deploy']);
  });
});
