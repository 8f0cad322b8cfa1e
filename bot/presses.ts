import { showStatus, type Caller, type Reply } from '../commands/index.ts';
import type { Capability, DeploymentRecord, Problem, Proposal, Request } from '../engine/index.ts';
import { customId, type Action, type Press } from './buttons.ts';
import { colour, type Message, type Modal } from './render/message.ts';
import { planFile } from './render/proposal.ts';
import { titleOf } from './render/title.ts';
import { renderDiff } from './render/reply.ts';
import { parseLookedAt } from './render/status.ts';
import { words } from './render/text.ts';

/** What a press leads to: something for the renderer, or a message that is ready. */
export type Outcome = Reply | { readonly kind: 'message'; readonly message: Message };

interface Response {
  /** `update` changes the message that was pressed; `reply` answers privately. */
  readonly answer: 'reply' | 'update';
  /** Checked by the router where the engine does not do it itself. */
  readonly needs?: Capability;
  run(id: string, caller: Caller): Promise<Outcome> | Outcome;
}

/** Every button and list, by what it asks for. The engine is asked anew each time: nothing is remembered between presses. */
export const responses: Readonly<Record<Action, Response>> = {
  deploy: { answer: 'update', run: start },
  'request-approval': { answer: 'update', run: ask },
  'confirm-delete': { answer: 'update', run: startOrAsk },
  'full-diff': {
    answer: 'reply',
    needs: 'view',
    run: (id, { engine }) =>
      withProposal(engine.proposal(id), id, (proposal) => ({
        kind: 'message',
        message: renderDiff(proposal, planFile(proposal)),
      })),
  },
  'show-request': {
    answer: 'reply',
    needs: 'view',
    run: (id, { engine }) =>
      withProposal(engine.proposal(id), id, (proposal) => ({ kind: 'request', proposal })),
  },
  approve: { answer: 'reply', run: (id, caller) => vote(id, { verdict: 'approve', reason: null }, caller) },
  reject: { answer: 'reply', run: (id, caller) => vote(id, { verdict: 'reject', reason: null }, caller) },
  abort: { answer: 'reply', run: abort },
  refresh: {
    answer: 'update',
    needs: 'view',
    run: (id, caller) => showStatus(parseLookedAt(id), caller),
  },
  rollback: {
    answer: 'reply',
    run: (id, caller) =>
      withDeployment(caller.engine.deployment(id), id, ({ plan }) =>
        propose(
          { kind: 'rollback', service: plan.services[0]?.name ?? '', environment: plan.environment },
          caller,
        ),
      ),
  },
  finish: {
    answer: 'reply',
    run: (id, caller) =>
      withDeployment(caller.engine.deployment(id), id, ({ request }) => propose(request, caller)),
  },
  unwind: {
    answer: 'reply',
    run: (id, caller) =>
      withDeployment(caller.engine.deployment(id), id, ({ plan }) =>
        propose({ kind: 'unwind', deployment: id, environment: plan.environment }, caller),
      ),
  },
  'put-back': { answer: 'reply', run: (id, caller) => settle('deploy', id, caller) },
  keep: { answer: 'reply', run: (id, caller) => settle('keep', id, caller) },
};

/** The dialogue that must come first, or null. Opening one is the only answer Discord allows at that point. */
export function dialogueFor({ action, id }: Press, proposal: Proposal | undefined): Modal | null {
  if (action === 'reject' && proposal?.state === 'pending')
    return {
      id: customId('reject', id),
      title: `Reject: ${titleOf(proposal)}`,
      field: {
        ...{ id: 'reason', label: 'Why?', hint: 'Shown on the request and kept in the record' },
        ...{ long: true, required: true },
      },
    };
  if (!proposal || !asksForVolumes(proposal.request) || !starts.includes(action)) return null;
  return {
    id: customId('confirm-delete', id),
    title: 'Delete the volumes for good?',
    field: {
      ...{
        id: 'name',
        label: `Type ${nameToType(proposal)}`,
        hint: 'What is in the volumes cannot be put back',
      },
      ...{ long: false, required: true },
    },
  };
}

const starts: readonly Action[] = ['deploy', 'request-approval', 'confirm-delete'];

/** A dialogue that came back filled in. */
export async function submit(
  { action, id }: Press,
  fields: Readonly<Record<string, string>>,
  caller: Caller,
): Promise<Outcome> {
  if (action === 'reject')
    return vote(id, { verdict: 'reject', reason: fields['reason']?.trim() ?? null }, caller);
  if (action !== 'confirm-delete')
    return problem({ code: 'unexpected', message: 'This dialogue is unknown.' });
  return withProposal(caller.engine.proposal(id), id, (proposal) =>
    fields['name']?.trim() === nameToType(proposal)
      ? startOrAsk(id, caller)
      : problem({
          code: 'not-allowed',
          message: `What was typed is not “${nameToType(proposal)}”, so the volumes stay.`,
          hint: 'Press the button again and type the name exactly.',
        }),
  );
}

function nameToType({ request, plan }: Proposal): string {
  return request.kind === 'deploy' ? request.service : (plan.services[0]?.name ?? '');
}

function asksForVolumes(request: Request): boolean {
  return request.kind === 'deploy' && request.deleteVolumes === true;
}

async function start(id: string, { engine, actor, signal }: Caller): Promise<Reply> {
  const started = await engine.start(id, actor, signal);
  return started.ok
    ? { kind: 'decision', decision: started.value }
    : { kind: 'problems', problems: started.problems };
}

async function ask(id: string, { engine, actor, signal }: Caller): Promise<Reply> {
  const asked = await engine.requestApproval(id, actor, signal);
  return asked.ok ? { kind: 'asked', proposal: asked.value } : { kind: 'problems', problems: asked.problems };
}

function startOrAsk(id: string, caller: Caller): Promise<Reply> | Reply {
  const required = caller.engine.proposal(id)?.rule.required ?? 1;
  return required > 0 ? ask(id, caller) : start(id, caller);
}

async function vote(
  id: string,
  ballot: { readonly verdict: 'approve' | 'reject'; readonly reason: string | null },
  { engine, actor, signal }: Caller,
): Promise<Reply> {
  const voted = await engine.vote(id, actor, ballot, signal);
  return voted.ok
    ? { kind: 'decision', decision: voted.value }
    : { kind: 'problems', problems: voted.problems };
}

async function propose(request: Request, { engine, actor, signal }: Caller): Promise<Reply> {
  const proposed = await engine.propose(request, actor, signal);
  return proposed.ok
    ? { kind: 'proposal', proposal: proposed.value }
    : { kind: 'problems', problems: proposed.problems };
}

/** What differs from Git goes back to what Git says, or Git comes to say it; the plan is shown first. */
function settle(kind: 'deploy' | 'keep', id: string, caller: Caller): Promise<Reply> | Reply {
  const { service, ...where } = parseLookedAt(id);
  return service === undefined
    ? problem({
        code: 'service-unknown',
        message: 'This button names no service.',
        hint: 'Use `/status` again.',
      })
    : propose(
        {
          kind,
          service,
          ...where,
          ...(kind === 'deploy' ? { reason: 'put back what differs from Git' } : {}),
        },
        caller,
      );
}

function abort(id: string, { engine, actor }: Caller): Outcome {
  const aborted = engine.abort(id, actor);
  if (!aborted.ok) return { kind: 'problems', problems: aborted.problems };
  return {
    kind: 'message',
    message: {
      embeds: [
        {
          title: `🛑 Stopping · ${words(titleOf(aborted.value))}`,
          colour: colour.warning,
          description:
            'What was done is undone now, or its pipeline is cancelled; the card in the channel tells how it ends.',
        },
      ],
    },
  };
}

function withProposal<T extends Outcome | Promise<Outcome>>(
  proposal: Proposal | undefined,
  id: string,
  then: (proposal: Proposal) => T,
): T | Reply {
  return proposal
    ? then(proposal)
    : problem({
        code: 'proposal-unknown',
        message: `There is no request ${id}.`,
        hint: 'Use `/plan` again.',
      });
}

function withDeployment<T extends Outcome | Promise<Outcome>>(
  record: DeploymentRecord | undefined,
  id: string,
  then: (record: DeploymentRecord) => T,
): T | Reply {
  return record
    ? then(record)
    : problem({ code: 'proposal-unknown', message: `There is no deployment ${id} on record.` });
}

function problem(found: Problem): Reply {
  return { kind: 'problems', problems: [found] };
}
