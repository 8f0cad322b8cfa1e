import { expect, test } from 'vitest';
import { leftAlone } from '../../engine/left-alone.ts';
import type { ProblemCode, Survey } from '../../engine/index.ts';
import { stages } from '../../engine/stages/index.ts';
import { inventory, service } from './fixtures.ts';

const surveyWith = (code: ProblemCode): Survey<'dns'> => ({
  ...{ steps: [], risks: [], proofs: {}, diff: '' },
  problems: [{ code, message: 'Pi-hole did not answer.' }],
});
const scope = (goingBack: boolean) => ({
  ...{ inventory, goingBack },
  services: [
    { want: 'release', name: 'grafana', service: service('grafana'), release: 'r1', owned: [] } as const,
  ],
});

test('a system that cannot be asked stops a deployment', () => {
  expect(leftAlone(stages.dns, scope(false), surveyWith('system-unreachable')).problems).toHaveLength(1);
});

test('going back it is left as it is, and the plan says so for every service', () => {
  expect(leftAlone(stages.dns, scope(true), surveyWith('system-unreachable'))).toMatchObject({
    problems: [],
    risks: [
      {
        ...{ code: 'system-unasked', service: 'grafana' },
        message: 'dns is left as it is: Pi-hole did not answer.',
      },
    ],
  });
});

test('what is wrong with the definition stops it all the same', () => {
  expect(leftAlone(stages.dns, scope(true), surveyWith('definition-invalid')).problems).toHaveLength(1);
});
