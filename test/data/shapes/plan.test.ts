import { expect, test } from 'vitest';
import { step } from '../../../data/shapes/plan.ts';

test('an application on record from before rules and settings were kept reads as one without them', () => {
  const flows = { authorizationFlow: 'a', invalidationFlow: 'b' };
  const provider = {
    ...{ kind: 'proxy', name: 'grafana (Sentinel)', mode: 'forward_single' },
    ...{ externalHost: 'https://grafana.home.lan', internalHost: null, skipPaths: [], ...flows },
  };
  const after = {
    ...{ slug: 'grafana', name: 'Grafana', group: '', launchUrl: '', icon: '', provider, outpost: 'edge' },
  };
  const read = step(
    {
      ...{ stage: 'authentik', id: 's1', service: 'grafana', system: 'Authentik', target: 'sign-on grafana' },
      ...{ cause: 'new', changes: [], before: null, after },
    },
    'step',
  );
  expect(read.after).toEqual({
    ...{ ...after, bindings: [], settings: '' },
    provider: { ...provider, settings: '' },
  });
});
