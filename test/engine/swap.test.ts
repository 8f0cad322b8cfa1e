import { describe, expect, test } from 'vitest';
import { begunSteps } from '../../engine/draft-unwind.ts';
import type { DeploymentEvent, Happening, StepOf } from '../../engine/index.ts';
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
      'grafana was there when this was planned, now it is not',
    ]);
    expect(movedSince(plan({ steps: [changed] }), plan({ steps: [deployStep('grafana')] }))).toEqual([
      'grafana was not there when this was planned, now it is',
    ]);
  });

  test('says what ran and what runs, never what the new plan would do', () => {
    const runs = (tag: string, more = {}): StepOf<'deploy'> => {
      const step = deployStep('grafana', { cause: `image grafana:${tag} → grafana:99.99.99` });
      const images = { grafana: { reference: `grafana:${tag}`, digest: null } };
      return { ...step, before: { ...step.before!, images, ...more } };
    };
    const told = (was: StepOf<'deploy'>, now: StepOf<'deploy'>): readonly string[] =>
      movedSince(plan({ steps: [was] }), plan({ steps: [now] }));
    expect(told(runs('10.1.5'), runs('10.2.3'))).toEqual([
      'grafana:10.1.5 ran when this was planned, now grafana:10.2.3 runs',
    ]);
    const files = { 'docker-compose.yml': 'somebody wrote here' };
    expect(told(runs('10.1.5'), runs('10.1.5', { files }))).toEqual([
      'docker-compose.yml of grafana is not as it was when this was planned',
    ]);
    const containers = { grafana: 'exited' };
    expect(
      told(runs('10.1.5', { containers: { grafana: 'running' } }), runs('10.1.5', { containers })),
    ).toEqual(['the container grafana of grafana was running when this was planned, now it is exited']);
    expect(told(runs('10.1.5'), runs('10.1.5', { release: 'another' }))).toEqual([
      'grafana is not as it was when this was planned',
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
