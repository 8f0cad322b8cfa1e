import { renderApproval } from '../../../bot/render/approval.ts';
import { renderChapter } from '../../../bot/render/stage.ts';
import { renderStory } from '../../../bot/render/story.ts';
import { foldStory, type Story } from '../../../bot/story/fold.ts';
import type { Happening } from '../../../engine/index.ts';
import { afterGate, gate, jobOf, played, summaryOf, untilGate } from './fixtures/pipelines.ts';
import { ben, eventsOf, proposalOf } from './fixtures/plans.ts';
import type { Kind } from './kind.ts';
import { oneApproval } from './kinds-plans.ts';

const around = { thread: 'https://discord.com/channels/1/2/3', approvers: [ben], newest: true } as const;

function storyOf(happenings: readonly Happening[]): Story {
  const events = eventsOf(happenings).map((event) =>
    event.type === 'started'
      ? { ...event, request: { kind: 'deploy', service: 'grafana', route: 'pipeline' } as const }
      : event,
  );
  const story = foldStory(events);
  if (story === null) throw new Error('a story needs a beginning');
  return story;
}
const cardOf = (request: string): string => `https://discord.com/channels/1/2/${request.length}`;
const card = (happenings: readonly Happening[]): Kind['message'] =>
  renderStory(storyOf(happenings), { ...around, cardOf });

const ended = storyOf([...untilGate, gate('p-7k3m2q'), played([ben.id]), ...afterGate]);
const failedJob = ended.chapters.find(({ kind }) => kind === 'job-failed');
const { id, name } = jobOf('approve', 'approve_deploy', 'manual');

const kinds: readonly (Kind | null)[] = [
  {
    ...{ name: 'pipeline', title: 'A pipeline that runs', seen: 'channel' },
    when: 'GitLab does the work; the card follows it job by job.',
    message: card(untilGate.slice(0, 13)),
  },
  {
    ...{ name: 'pipeline-waits', title: 'A pipeline that waits', seen: 'channel' },
    when: 'A manual job needs somebody’s approval.',
    message: card([...untilGate, gate('p-7k3m2q')]),
  },
  {
    ...{ name: 'request-job', title: 'The request for a manual job', seen: 'channel' },
    when: 'A pipeline waits until people agree.',
    message: renderApproval(
      proposalOf({
        request: {
          ...{ kind: 'gate', repository: 'homelab', pipeline: summaryOf().id },
          ...{ job: { id, name }, deployment: 'd-2345gh' },
        },
        ...{ state: 'pending', rule: oneApproval },
      }),
      null,
      summaryOf().url,
    ),
  },
  {
    ...{ name: 'pipeline-ended', title: 'A pipeline that is done', seen: 'channel' },
    when: 'With what failed, where it was allowed to.',
    message: card([...untilGate, gate('p-7k3m2q'), played([ben.id]), ...afterGate]),
  },
  failedJob === undefined
    ? null
    : {
        ...{ name: 'job-failed', title: 'A job that failed', seen: 'thread' },
        when: 'With the last lines of its log.',
        message: renderChapter(failedJob, ended),
      },
];

/** What is said about deployments that a pipeline does. */
export const pipelines: readonly Kind[] = kinds.filter((kind) => kind !== null);
