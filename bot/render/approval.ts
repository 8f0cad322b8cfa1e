import type { Proposal, Vote } from '../../engine/index.ts';
import { customId } from '../buttons.ts';
import { colour, type Control, type Embed, type Field, type Message } from './message.ts';
import { planEmbed, planFile, risksField } from './proposal.ts';
import { titleOf } from './title.ts';
import { person, relative, words } from './text.ts';

/** What a stale request needs besides itself; kept by the bot, since the proposal does not have it. */
export interface Moved {
  readonly moved: readonly string[];
  /** The new plan's proposal, when there is one. */
  readonly next: string | null;
}

/** The request in the notifications channel, as it stands now. `pipeline` is where the one a manual job is of can be seen. */
export function renderApproval(
  proposal: Proposal,
  moved: Moved | null,
  pipeline: string | null = null,
): Message {
  const embed = planEmbed(proposal, pipeline);
  const decided = decisionOf(proposal);
  return {
    embeds: [
      {
        ...embed,
        title: `${decided.symbol} ${decided.word} · ${words(titleOf(proposal))}`,
        colour: decided.colour,
        description: [decided.line, embed.description ?? ''].filter((line) => line !== '').join('\n'),
        fields: [...movedField(proposal, moved), ...votesField(proposal), ...keep(embed, proposal)],
      },
    ],
    rows: [buttons(proposal, moved)],
    whole: planFile(proposal),
  };
}

interface Decided {
  readonly symbol: string;
  readonly word: string;
  readonly colour: number;
  readonly line: string;
}

function decisionOf(proposal: Proposal): Decided {
  const { state, votes } = proposal;
  const approvals = votes.filter(({ verdict }) => verdict === 'approve');
  switch (state) {
    case 'open':
    case 'pending':
      return { symbol: '🟡', word: 'Approval needed', colour: colour.waiting, line: '' };
    case 'running':
    case 'done':
      return {
        symbol: '✅',
        word: 'Approved',
        colour: colour.good,
        line:
          approvals.length > 0
            ? `Approved by ${approvals.map(voter).join(', ')}.`
            : 'Started without a vote.',
      };
    case 'rejected': {
      const no = votes.find(({ verdict }) => verdict === 'reject');
      return {
        symbol: '⛔',
        word: 'Rejected',
        colour: colour.bad,
        line: no ? `Rejected by ${voter(no)}. Nothing was changed.` : 'Rejected. Nothing was changed.',
      };
    }
    case 'expired':
      return {
        symbol: '⌛',
        word: 'Expired',
        colour: colour.quiet,
        line: 'Nobody decided in time. Nothing was changed; ask again to get a fresh plan.',
      };
    case 'stale':
      return {
        symbol: '🔀',
        word: 'Stale',
        colour: colour.warning,
        line: 'Something changed after this plan was made, so nothing was done.',
      };
  }
}

function voter({ by, at, reason }: Vote): string {
  return `${person(by)} ${relative(at)}${reason === null || reason === '' ? '' : ` — “${words(reason)}”`}`;
}

function movedField({ state }: Proposal, moved: Moved | null): readonly Field[] {
  if (state !== 'stale' || moved === null) return [];
  const value = moved.moved.map((line) => `• ${words(line)}`).join('\n');
  return [{ name: 'What changed since', value: value === '' ? '• the state of the host' : value }];
}

/** Those the first line does not tell already. */
function votesField({ state, votes }: Proposal): readonly Field[] {
  const isTold = state === 'running' || state === 'done' ? 'approve' : state === 'rejected' ? 'reject' : null;
  if (votes.every(({ verdict }) => verdict === isTold)) return [];
  const lines = votes.map((vote) => `${vote.verdict === 'approve' ? '👍 yes' : '👎 no'} · ${voter(vote)}`);
  return [{ name: 'Votes', value: lines.join('\n') }];
}

/** The plan's details matter until somebody decided; its risks stay with what is done. */
function keep({ fields }: Embed, { state, plan }: Proposal): readonly Field[] {
  if (state === 'open' || state === 'pending') return fields ?? [];
  return state === 'running' || state === 'done' ? risksField(plan) : [];
}

function buttons({ id, state }: Proposal, moved: Moved | null): readonly Control[] {
  const diff: Control = {
    kind: 'button',
    style: 'secondary',
    label: 'Full diff',
    id: customId('full-diff', id),
  };
  if (state === 'pending')
    return [
      { kind: 'button', style: 'success', label: 'Approve', id: customId('approve', id) },
      { kind: 'button', style: 'danger', label: 'Reject…', id: customId('reject', id) },
      diff,
    ];
  if (state === 'stale' && moved !== null && moved.next !== null)
    return [
      {
        kind: 'button',
        style: 'primary',
        label: 'Show the new plan',
        id: customId('show-request', moved.next),
      },
    ];
  return [diff];
}
