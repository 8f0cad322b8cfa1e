import { describe, expect, test } from 'vitest';
import { begunSteps } from '../../engine/draft-unwind.ts';
import type { DeploymentEvent, Happening } from '../../engine/index.ts';
import { movedSince } from '../../engine/moved.ts';
import { reverse } from '../../engine/swap.ts';
import { deployStep, plan, verifyStep } from './fixtures.ts';

const steps = [
  deployStep('a', { id: '1 deploy a' }),
  deployStep('b', { id: '2 deploy b' }),
  verifyStep('b', { id: '3 verify b' }),
];

const told = (...happenings: Happening[]): DeploymentEvent[] =>
  happenings.map((happening, index) => ({ deployment: 'd-1', seq: index + 1, at: '', ...happening }));

describe('the way back', () => {
  test('undoes last things first and checks at the end', () => {
    expect(reverse(steps).map(({ id }) => id)).toEqual([
      'undo 2 deploy b',
      'undo 1 deploy a',
      'undo 3 verify b',
    ]);
  });

  test('swaps both sides, so undoing an undo is the step itself', () => {
    const [step] = steps;
    const [back] = reverse([step!]);
    expect(back).toMatchObject({ before: step!.after, after: step!.before });
    expect(reverse([back!])[0]).toMatchObject({ before: step!.before, after: step!.after });
  });

  test('leads to the last verified release where the one before never was', () => {
    const step = deployStep('a');
    const fallback = { ...step.before!, release: 'proven' };
    const [back] = reverse([{ ...step, fallback }]);
    expect(back).toMatchObject({ before: step.after, after: { release: 'proven' } });
    expect(back).not.toHaveProperty('fallback');
  });

  test('does not check what was not there before', () => {
    expect(reverse([verifyStep('b', { before: null })])).toEqual([]);
  });

  test('after a crash covers the deploy steps that were begun, also the half-done one', () => {
    const events = told(
      { type: 'step-started', step: '1 deploy a', phase: 'forward' },
      { type: 'step-done', step: '1 deploy a', phase: 'forward', did: [] },
      { type: 'step-started', step: '2 deploy b', phase: 'forward' },
    );
    const more = deployStep('c', { id: '4 deploy c' });
    expect(begunSteps(plan({ steps: [...steps, more] }), events).map(({ id }) => id)).toEqual([
      '1 deploy a',
      '2 deploy b',
    ]);
  });
});

describe('what moved between two plans', () => {
  test('names the commit', () => {
    expect(movedSince(plan(), plan({ revision: 'b'.repeat(40) }))).toEqual([
      'the commit moved from aaaaaaaa to bbbbbbbb',
    ]);
  });

  test('names the step whose live state is another', () => {
    const changed = deployStep('grafana', { before: null, cause: 'first deployment' });
    expect(movedSince(plan({ steps: [deployStep('grafana')] }), plan({ steps: [changed] }))).toEqual([
      'grafana is not as it was: first deployment',
    ]);
  });

  test('names a step that is no longer needed', () => {
    expect(movedSince(plan({ steps: [deployStep('grafana')] }), plan({ steps: [] }))).toEqual([
      'grafana no longer has to change',
    ]);
  });

  test('names a proof only where nothing else of its service moved', () => {
    const proof = verifyStep('grafana', { after: null });
    const both = [deployStep('grafana', { after: null }), proof];
    const was = plan({ steps: [deployStep('grafana'), verifyStep('grafana')] });
    expect(movedSince(was, plan({ steps: both }))).toEqual([
      'grafana would become something else than was shown',
    ]);
    expect(movedSince(was, plan({ steps: [deployStep('grafana'), proof] }))).toHaveLength(1);
  });

  test('names a new risk', () => {
    const risks = [
      { code: 'port-taken', service: 'grafana', message: 'port 3030 is taken', alwaysApprove: false },
    ] as const;
    expect(movedSince(plan(), plan({ risks }))).toEqual(['new risk: port 3030 is taken']);
  });
});
