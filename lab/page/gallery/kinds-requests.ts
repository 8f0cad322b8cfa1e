import { renderApproval } from '../../../bot/render/approval.ts';
import { renderReply, type Place } from '../../../bot/render/reply.ts';
import { renderRequests } from '../../../bot/render/status.ts';
import type { Proposal, ProposalState, Vote } from '../../../engine/index.ts';
import { ada, approvers, ben, planOf, proposalOf } from './fixtures/plans.ts';
import { at, type Kind } from './kind.ts';
import { oneApproval } from './kinds-plans.ts';

const place: Place = { card: 'https://discord.com/channels/1/2/3', channel: '2' };
const yes: Vote = { by: ben, verdict: 'approve', reason: null, at: at(60) };
const no: Vote = { by: ben, verdict: 'reject', reason: 'not while people are watching', at: at(60) };

const asked = (change: Partial<Proposal> = {}): Proposal =>
  proposalOf({
    request: { kind: 'deploy', service: 'grafana', version: '10.1', reason: 'the new alerts' },
    ...{ rule: oneApproval, state: 'pending', ...change },
  });

type Card = Pick<Kind, 'title' | 'when' | 'message'>;
/** The card of a request in each of its states; `open` has none yet. */
const cards: Readonly<Record<Exclude<ProposalState, 'open'>, Card>> = {
  pending: {
    ...{ title: 'A request for approval', when: 'Somebody has to agree; it calls the approvers once.' },
    message: { ...renderApproval(asked(), null), mention: [approvers] },
  },
  running: {
    ...{ title: 'An approved request', when: 'Enough people agreed, and it began.' },
    message: renderApproval(asked({ state: 'running', votes: [yes] }), null),
  },
  done: {
    ...{ title: 'A request that is done', when: 'What was agreed to came to its end.' },
    message: renderApproval(asked({ state: 'done', votes: [yes] }), null),
  },
  rejected: {
    ...{ title: 'A rejected request', when: 'Somebody said no, and why.' },
    message: renderApproval(asked({ state: 'rejected', votes: [no] }), null),
  },
  expired: {
    ...{ title: 'An expired request', when: 'Nobody decided in time.' },
    message: renderApproval(asked({ state: 'expired' }), null),
  },
  stale: {
    ...{ title: 'A stale request', when: 'Something changed after the plan was made.' },
    message: renderApproval(asked({ state: 'stale' }), {
      moved: ['grafana on media: image grafana/grafana:10.0 → grafana/grafana:10.0.3'],
      next: 'p-9x2w4r',
    }),
  },
};

const answers: readonly Omit<Kind, 'seen'>[] = [
  {
    ...{ name: 'asked', title: 'Asked for approval', command: 'deploy' },
    when: 'The one who deploys learns that others have to agree.',
    message: renderReply({ kind: 'asked', proposal: asked() }, place),
  },
  {
    ...{ name: 'started', title: 'Started', when: 'The answer to a button that began something.' },
    message: renderReply(
      { kind: 'decision', decision: { kind: 'started', proposal: asked(), deployment: 'd-2345gh' } },
      place,
    ),
  },
  {
    ...{ name: 'vote', title: 'A vote that was not the last', when: 'More people have to agree.' },
    message: renderReply(
      { kind: 'decision', decision: { kind: 'recorded', proposal: asked(), missing: 1 } },
      place,
    ),
  },
  {
    ...{ name: 'requests', title: 'The requests that wait', command: 'approve' },
    when: 'Somebody asks what there is to decide.',
    message: renderRequests([
      asked(),
      proposalOf({
        ...{ id: 'p-9x2w4r', state: 'pending', requestedBy: ben, expiresAt: at(1500) },
        plan: planOf({
          services: planOf().services.map((service) => ({ ...service, name: 'jellyfin', action: 'delete' })),
        }),
      }),
    ]),
  },
  {
    ...{ name: 'requests-none', title: 'No request waits', command: 'approve' },
    when: 'Somebody asks what there is to decide, and there is nothing.',
    message: renderRequests([]),
  },
];

/** What is said about a request, by its card and to the people who decide. */
export const requests: readonly Kind[] = [
  ...Object.entries(cards).map(([state, card]): Kind => ({
    name: `request-${state}`,
    seen: 'channel',
    ...card,
  })),
  ...answers.map((answer): Kind => ({ seen: 'privately', ...answer })),
];

/** Who may be mentioned in the pictures. */
export const people = [ada, ben];
