import { expect, test } from 'vitest';
import { planDigest } from '../../engine/digest.ts';
import { plan, planned } from './fixtures.ts';

test('what a person agrees to is the same plan, however long its containers have been up', () => {
  const upFor = (time: string): string =>
    planDigest(plan({ steps: [], services: [planned('grafana', { proof: [`grafana: Up ${time}`] })] }));
  expect(upFor('1 second')).toBe(upFor('3 days'));
});

test('another commit, host or step is another plan', () => {
  const digests = [
    plan(),
    plan({ revision: 'b'.repeat(40) }),
    plan({ services: [planned('grafana', { host: 'h2' })] }),
    plan({ steps: [] }),
  ].map(planDigest);
  expect(new Set(digests).size).toBe(4);
});
