import type { Reply } from '../../commands/index.ts';
import type { Decision, Proposal } from '../../engine/index.ts';
import { renderApproval } from './approval.ts';
import { colour, type Message, type TextFile } from './message.ts';
import { renderProblems } from './problem.ts';
import { planEmbed, renderProposal, titleOf } from './proposal.ts';
import { renderRequests, renderStatus } from './status.ts';
import { count, fence, words } from './text.ts';

/** Where the public card is, when it could be posted in time; otherwise where it will be. */
export interface Place {
  readonly card: string | null;
  readonly channel: string;
}

/** What the person who asked sees, privately. */
export function renderReply(reply: Reply, place: Place): Message {
  switch (reply.kind) {
    case 'proposal':
      return renderProposal(reply.proposal);
    case 'asked':
      return note('🟡', `Approval asked for: ${titleOf(reply.proposal)}`, {
        colour: colour.waiting,
        lines: [
          `Needs ${count(reply.proposal.rule.required, 'approval')}. ${whereabouts(place)}`,
          ...reply.proposal.rule.reasons.map((reason) => `• ${words(reason)}`),
        ],
        plan: reply.proposal,
      });
    case 'decision':
      return renderDecision(reply.decision, place);
    case 'request':
      return reply.proposal.state === 'open'
        ? renderProposal(reply.proposal)
        : renderApproval(reply.proposal, null);
    case 'requests':
      return renderRequests(reply.proposals);
    case 'status':
      return renderStatus(reply.status, reply.service);
    case 'problems':
      return renderProblems(reply.problems);
  }
}

function renderDecision(decision: Decision, place: Place): Message {
  const { proposal } = decision;
  switch (decision.kind) {
    case 'started':
      return note('🚀', `Started: ${titleOf(proposal)}`, {
        colour: colour.running,
        lines: [whereabouts(place)],
        plan: proposal,
      });
    case 'recorded':
      return note('👍', `Your vote counts: ${titleOf(proposal)}`, {
        colour: colour.waiting,
        lines: [`${count(decision.missing, 'more approval')} needed.`],
      });
    case 'rejected':
      return note('⛔', `Rejected: ${titleOf(proposal)}`, {
        colour: colour.quiet,
        lines: ['Nothing was changed.'],
      });
    case 'stale': {
      const moved = decision.moved.map((line) => `• ${words(line)}`);
      const head = note('🔀', `Stale: ${titleOf(proposal)}`, {
        colour: colour.warning,
        lines: ['Nothing was done, because this moved since the plan was made:', ...moved],
      });
      const next = decision.next.ok
        ? renderProposal(decision.next.value)
        : renderProblems(decision.next.problems);
      return { ...next, embeds: [...head.embeds, ...next.embeds] };
    }
  }
}

function note(
  symbol: string,
  title: string,
  more: { readonly colour: number; readonly lines: readonly string[]; readonly plan?: Proposal },
): Message {
  return {
    embeds: [
      { title: `${symbol} ${title}`, colour: more.colour, description: more.lines.join('\n') },
      ...(more.plan ? [planEmbed(more.plan)] : []),
    ],
  };
}

function whereabouts({ card, channel }: Place): string {
  return card === null ? `It is told in <#${channel}>.` : `It is told here: ${card}`;
}

/** Short diffs in the message, long ones as a file. */
export function renderDiff({ plan }: Proposal, file: TextFile): Message {
  if (plan.diff.trim() === '')
    return {
      embeds: [
        {
          title: 'No file changes',
          colour: colour.neutral,
          description: 'The plan changes what runs, not what is written. The whole plan is attached.',
        },
      ],
      files: [file],
    };
  const small = plan.diff.length <= 1_200;
  return {
    embeds: [
      {
        title: 'Full diff',
        colour: colour.neutral,
        description: small ? fence(plan.diff, 'diff') : 'The whole plan with its diff is attached.',
      },
    ],
    files: small ? [] : [file],
  };
}
