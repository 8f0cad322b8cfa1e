import { renderInterrupted } from '../../../bot/render/interrupted.ts';
import { renderChapter } from '../../../bot/render/stage.ts';
import { renderStory, type Around } from '../../../bot/render/story.ts';
import { foldStory, type Chapter, type Story } from '../../../bot/story/fold.ts';
import type { Happening, Outcome, Plan, Problem } from '../../../engine/index.ts';
import { everywhere } from './fixtures/around.ts';
import { ada, ben, eventsOf, goesWell, planOf, rolledBack, stepsOf } from './fixtures/plans.ts';
import type { Kind } from './kind.ts';

export const around: Around = {
  thread: 'https://discord.com/channels/1/2/3',
  ...{ approvers: [ben], newest: true, cardOf: () => null },
};

export function storyOf(happenings: readonly Happening[], plan: Plan = planOf()): Story {
  const story = foldStory(eventsOf(happenings, { plan }));
  if (story === null) throw new Error('a story needs a beginning');
  return story;
}

const whole = planOf({ steps: everywhere() });
const begin = (step: string): Happening => ({ type: 'step-started', step, phase: 'forward' });
const done = (step: string, ...did: readonly string[]): Happening => ({
  ...{ type: 'step-done', step, phase: 'forward', did },
});
const failed = (step: string, problem: Problem): Happening => ({
  ...{ type: 'step-failed', step, phase: 'forward', problem },
});
const passes = (step: string, ...did: readonly string[]): readonly Happening[] => [
  begin(step),
  done(step, ...did),
];
const finished = (outcome: Outcome, problem: Problem | null = null): Happening => ({
  ...{ type: 'finished', outcome, services: { grafana: outcome }, problem },
});

const away: Problem = {
  ...{ code: 'system-unreachable', message: 'Pi-hole at 192.168.40.53 did not answer.' },
  hint: 'Start it, then use `/deploy service:grafana` again: only what is missing is done.',
};
const missing: Problem = {
  ...{ code: 'image-not-found', message: 'The registry has no grafana/grafana:10.1.' },
  hint: 'Look for a typing error in the tag.',
};
const stuck: Problem = {
  ...{ code: 'host-unreachable', message: 'media did not answer within 30 s.' },
  hint: 'Bring the host back, then use `/rollback service:grafana`.',
};
const [deploy = '', verify = ''] = stepsOf().map(({ id }) => id);
const pulled = ['pulled grafana/grafana:10.1', 'recreated 1 container'];

const outside = (name: string): readonly Happening[] => [
  ...passes(deploy, ...pulled),
  ...passes('traefik grafana', 'wrote the route grafana.home.example.net'),
  ...(name === 'dns'
    ? [begin('dns grafana'), failed('dns grafana', away)]
    : passes('dns grafana', 'added the record')),
  ...passes('authentik grafana', 'made the application Grafana'),
  ...passes('glance grafana bookmark', 'added the bookmark'),
  ...passes('glance grafana monitor', 'added the monitor'),
  ...passes(verify, 'port 3000 answers', 'GET /api/health answered 200'),
  {
    ...{ type: 'step-skipped', step: 'verify grafana name', phase: 'forward' },
    because: 'there is no record',
  },
  ...passes('verify grafana route', 'the route asks people to sign on'),
];

/** How a deployment ends, in each way there is. */
const endings: Readonly<Record<Outcome, readonly [title: string, when: string, story: Story]>> = {
  succeeded: ['Succeeded', 'Everything was done and proved to work.', storyOf(goesWell)],
  degraded: [
    'Degraded',
    'The service runs, but something around it does not.',
    storyOf([...outside('dns'), finished('degraded', away)], whole),
  ],
  'rolled-back': ['Rolled back', 'The new version did not work; the old one is back.', storyOf(rolledBack)],
  failed: [
    'Failed',
    'It could not be done, and nothing had to be undone.',
    storyOf([begin(deploy), failed(deploy, missing), finished('failed', missing)]),
  ],
  'needs-attention': [
    'Needs attention',
    'It could neither be finished nor undone.',
    storyOf([
      ...rolledBack.slice(0, 6),
      { type: 'step-failed', step: `undo ${deploy}`, phase: 'unwind', problem: stuck },
      finished('needs-attention', stuck),
    ]),
  ],
  cancelled: [
    'Cancelled',
    'Somebody pressed *Abort*.',
    storyOf([
      ...goesWell.slice(0, 2),
      { type: 'abort-requested', actor: ada },
      ...rolledBack.slice(4, 9),
      finished('cancelled'),
    ]),
  ],
};

export const several = planOf({
  services: ['grafana', 'jellyfin', 'paperless'].flatMap((name) =>
    planOf().services.map((service) => ({
      ...{ ...service, name },
      host: name === 'paperless' ? 'attic' : service.host,
    })),
  ),
  steps: [...stepsOf('grafana'), ...stepsOf('jellyfin'), ...stepsOf('paperless', 'attic')],
});

const running: readonly Omit<Kind, 'seen'>[] = [
  {
    ...{
      name: 'running',
      title: 'A deployment that runs',
      when: 'From its start to its end, always the same message.',
    },
    message: renderStory(storyOf(outside('none').slice(0, 7), whole), around),
  },
  {
    ...{ name: 'running-several', title: 'Several services at once', when: 'One field for each service.' },
    message: renderStory(
      storyOf(
        [...passes('1 deploy grafana'), begin('2 verify grafana'), begin('1 deploy jellyfin')],
        several,
      ),
      around,
    ),
  },
  {
    ...{
      name: 'stopping',
      title: 'A deployment that is stopped',
      when: 'Somebody pressed *Abort*; it undoes what it did.',
    },
    message: renderStory(storyOf([...goesWell.slice(0, 1), { type: 'abort-requested', actor: ada }]), around),
  },
  {
    ...{
      name: 'interrupted',
      title: 'An interrupted deployment',
      when: 'Sentinel itself was stopped; it asks what to do.',
    },
    message: renderInterrupted(storyOf([...goesWell.slice(0, 1), { type: 'interrupted' }]), null),
  },
];

const chapterOf = (story: Story, isIt: (chapter: Chapter) => boolean): Kind['message'] => {
  const found = story.chapters.find(isIt);
  if (found === undefined) throw new Error('the story has no such chapter');
  return renderChapter(found, story);
};
const back = storyOf(rolledBack);

const thread: readonly Omit<Kind, 'seen'>[] = [
  {
    ...{ name: 'stage', title: 'A stage that is done', when: 'Once for each stage.' },
    message: chapterOf(back, (chapter) => chapter.kind === 'stage'),
  },
  {
    ...{ name: 'stage-failed', title: 'A stage that failed', when: 'With the last lines of the log.' },
    message: chapterOf(back, (chapter) => chapter.kind === 'stage' && chapter.stage.state === 'failed'),
  },
  {
    ...{ name: 'undoing', title: 'Undoing begins', when: 'Before what ran is put back.' },
    message: chapterOf(back, ({ kind }) => kind === 'unwinding'),
  },
  {
    ...{ name: 'end', title: 'The end of the thread', when: 'The outcome again, for who reads along.' },
    message: chapterOf(back, ({ kind }) => kind === 'end'),
  },
];

/** What is said about a deployment, by its card and in its thread. */
export const stories: readonly Kind[] = [
  ...running.map((kind): Kind => ({ seen: 'channel', ...kind })),
  ...Object.entries(endings).map(([outcome, [title, when, story]]): Kind => ({
    ...{ name: `outcome-${outcome}`, title, when, seen: 'channel', message: renderStory(story, around) },
  })),
  ...thread.map((kind): Kind => ({ seen: 'thread', ...kind })),
];
