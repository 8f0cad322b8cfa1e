import type { Reply } from '../../commands/index.ts';
import type { Decision, Proposal } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { renderApproval } from './approval.ts';
import { colour, type Field, type Message, type TextFile } from './message.ts';
import { renderProblems } from './problem.ts';
import { renderProposal, risksField } from './proposal.ts';
import { titleOf } from './title.ts';
import { renderRequests, renderStatus } from './status.ts';
import { count, fence, words } from './text.ts';
import { verdict } from './verdict.ts';

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
      return asked(reply.proposal, place);
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
      return note('🚀', `Started · ${titleOf(proposal)}`, {
        colour: colour.running,
        lines: [`**${verdict(proposal)}.**`, whereabouts(place)],
        fields: risksField(proposal.plan),
      });
    case 'recorded':
      return note('👍', `Your vote counts · ${titleOf(proposal)}`, {
        colour: colour.waiting,
        lines: [`${count(decision.missing, 'more approval')} needed.`],
      });
    case 'rejected':
      return note('⛔', `Rejected · ${titleOf(proposal)}`, {
        colour: colour.quiet,
        lines: ['Nothing was changed.'],
      });
    case 'stale': {
      const moved = decision.moved.map((line) => `• ${words(line)}`);
      const head = note('🔀', `Stale · ${titleOf(proposal)}`, {
        colour: colour.warning,
        lines: ['Nothing was done, because this changed since the plan was made:', ...moved],
      });
      const next = decision.next.ok
        ? renderProposal(decision.next.value)
        : renderProblems(decision.next.problems);
      return { ...next, embeds: [...head.embeds, ...next.embeds] };
    }
  }
}

function asked(proposal: Proposal, place: Place): Message {
  const { id } = proposal;
  return {
    ...note('🟡', `Asked for approval · ${titleOf(proposal)}`, {
      colour: colour.waiting,
      lines: [`**${verdict(proposal)}.**`, whereabouts(place)],
      fields: risksField(proposal.plan),
    }),
    rows: [
      [
        { kind: 'button', style: 'secondary', label: 'Full diff', id: customId('full-diff', id) },
        { kind: 'button', style: 'secondary', label: 'Withdraw', id: customId('reject', id) },
      ],
    ],
  };
}

function note(
  symbol: string,
  title: string,
  {
    lines,
    ...more
  }: { readonly colour: number; readonly lines: readonly string[]; readonly fields?: readonly Field[] },
): Message {
  return {
    embeds: [{ title: `${symbol} ${words(title)}`, description: lines.join('\n'), ...more }],
  };
}

function whereabouts({ card, channel }: Place): string {
  return card === null ? `You will see it in <#${channel}>.` : `You will see it here: ${card}`;
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
