import { timelinePicture } from '../../../bot/pictures/timeline-picture.ts';
import { renderStory } from '../../../bot/render/story.ts';
import type { Happening } from '../../../engine/index.ts';
import { stepsOf, unhealthy } from './fixtures/plans.ts';
import type { Kind } from './kind.ts';
import { around, several, storyOf } from './kinds-stories.ts';

type Phase = Extract<Happening, { type: 'step-started' }>['phase'];

const begin = (step: string, phase: Phase = 'forward'): Happening => ({ type: 'step-started', step, phase });
const sick = { ...unhealthy, message: 'paperless did not become healthy: /api/health answered 500.' };
const done = (step: string, phase: Phase = 'forward'): Happening => ({
  ...{ type: 'step-done', step, phase, did: [] },
});

/** One of three does not work and is put back; the others stay. */
const story = storyOf(
  [
    ...[begin('1 deploy grafana'), begin('1 deploy jellyfin'), begin('1 deploy paperless')],
    ...[done('1 deploy grafana'), begin('2 verify grafana'), done('2 verify grafana')],
    ...[done('1 deploy jellyfin'), begin('2 verify jellyfin'), done('1 deploy paperless')],
    ...[begin('2 verify paperless'), done('2 verify jellyfin')],
    { type: 'step-failed', step: '2 verify paperless', phase: 'forward', problem: sick },
    {
      ...{ type: 'unwinding', service: 'paperless', because: sick },
      steps: stepsOf('paperless', 'attic').map((step) => ({ ...step, id: `undo ${step.id}` })),
    },
    ...[begin('undo 1 deploy paperless', 'unwind'), done('undo 1 deploy paperless', 'unwind')],
    ...[begin('undo 2 verify paperless', 'unwind'), done('undo 2 verify paperless', 'unwind')],
    {
      ...{ type: 'finished', outcome: 'rolled-back', problem: sick },
      services: { grafana: 'succeeded', jellyfin: 'succeeded', paperless: 'rolled-back' },
    },
  ],
  several,
);
const picture = timelinePicture(story);

/** How a deployment of several services ends. */
export const timelines: readonly Kind[] = [
  {
    ...{ name: 'timeline', title: 'The end of several services', seen: 'channel' },
    when: 'With a picture of what was done when, by host.',
    message: { ...renderStory(story, around), ...(picture === null ? {} : { picture }) },
  },
];
