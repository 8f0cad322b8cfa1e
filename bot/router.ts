import { randomBytes } from 'node:crypto';
import type { REST } from 'discord.js';
import type { Caller, Command, Memory, Reply } from '../commands/index.ts';
import type { OpenStore } from '../data/index.ts';
import { ProblemError, type Actor, type Engine, type Log, type Problem } from '../engine/index.ts';
import type { Paint } from './chat.ts';
import { createAnswer, type Answer } from './answer.ts';
import { parseCustomId, type Press } from './buttons.ts';
import { decline, elsewhere, isAbort, restarting } from './decline.ts';
import { parseIncoming, type Asks, type Incoming } from './incoming.ts';
import { dialogueFor, responses, submit, type Outcome } from './presses.ts';
import { renderProblems } from './render/problem.ts';
import { renderReply } from './render/reply.ts';
import type { Message } from './render/message.ts';
import type { Stories } from './story/stories.ts';
import { deploymentKey, proposalKey } from './story/tales.ts';

export interface Router {
  /** Takes a raw interaction from the gateway. Never throws. */
  handle(payload: unknown): Promise<void>;
}
export interface RouterParts {
  readonly engine: Engine;
  readonly commands: readonly Command[];
  readonly store: Pick<OpenStore, 'claimInteraction' | 'audit'>;
  readonly stories: Stories;
  readonly rest: REST;
  readonly paint: Paint;
  readonly memory: Memory;
  /** Whether somebody may do anything at all, or in one environment; leaves no record. */
  readonly maySee: (actor: Actor, environment?: string) => boolean;
  readonly guild: string;
  readonly channel: string;
  readonly log: Log;
  /** True once the bot lets only what runs come to its end. */
  readonly closing: () => boolean;
  /** Aborts when the bot stops. */
  readonly stopping: AbortSignal;
}

/** An interaction's token lives for fifteen minutes; an answer after that reaches nobody. */
const answerMs = 14 * 60_000;
const placeMs = 2_000;

type Pressed = Exclude<Asks, { readonly kind: 'command' | 'autocomplete' }>;

export function createRouter(parts: RouterParts): Router {
  const { engine, commands, store, stories, log } = parts;

  return {
    async handle(payload) {
      const incoming = parseIncoming(payload);
      if (!incoming) return;
      const answer = createAnswer(parts, incoming);
      if (incoming.asks.kind === 'autocomplete') {
        await suggest(incoming, incoming.asks, answer);
        return;
      }
      try {
        if (!store.claimInteraction(incoming.id)) return; // Discord delivered it twice
        if (incoming.guild !== parts.guild) {
          await decline(answer, elsewhere);
          return;
        }
        if (parts.closing() && !isAbort(incoming.asks)) await decline(answer, restarting);
        else if (incoming.asks.kind === 'command') await command(incoming, incoming.asks, answer);
        else await press(incoming, incoming.asks, answer);
      } catch (error) {
        await failed(incoming, answer, error);
      }
    },
  };

  async function command(
    incoming: Incoming,
    asks: Asks & { readonly kind: 'command' },
    answer: Answer,
  ): Promise<void> {
    if (!(await acknowledged(answer.deferReply(), incoming))) return;
    const found = commands.find(({ definition }) => definition.name === asks.name);
    if (!found)
      return answer.show(
        renderProblems([
          {
            code: 'unexpected',
            message: `This Sentinel has no command /${asks.name}.`,
            hint: 'Try again in a minute.',
          },
        ]),
      );
    const environment = asks.options.text('environment') ?? undefined;
    const refused = engine.authorise(incoming.actor, found.needs, environment, `/${asks.name}`);
    const reply = refused ? refusal(refused) : await found.answer(asks.options, callerOf(incoming));
    await answer.show(await rendered(reply));
  }

  async function press(incoming: Incoming, asks: Pressed, answer: Answer): Promise<void> {
    const pressed = pressOf(asks);
    if (!pressed) {
      if (await acknowledged(answer.deferReply(), incoming))
        await answer.show(renderProblems([unknownButton]));
      return;
    }
    const refused = mayNot(incoming, pressed);
    const dialogue =
      refused || asks.kind === 'modal' ? null : dialogueFor(pressed, engine.proposal(pressed.id));
    if (dialogue) return answer.openModal(dialogue);
    const response = responses[pressed.action];
    const update = response.answer === 'update' && (asks.kind !== 'modal' || asks.fromMessage);
    const acknowledgement = update ? answer.deferUpdate() : answer.deferReply();
    // Stopping a deployment must not depend on Discord's answer.
    if (!(await acknowledged(acknowledgement, incoming)) && pressed.action !== 'abort') return;
    const outcome = refused ? refusal(refused) : await outcomeOf(incoming, asks, pressed);
    const message = await rendered(outcome);
    // The plan somebody looked at stays as it was when pressing its button led nowhere.
    await (update && outcome.kind === 'problems' ? answer.add(message) : answer.show(message));
  }

  async function outcomeOf(incoming: Incoming, asks: Pressed, pressed: Press): Promise<Outcome> {
    const caller = callerOf(incoming);
    return asks.kind === 'modal'
      ? submit(pressed, asks.fields, caller)
      : responses[pressed.action].run(pressed.id, caller);
  }

  /** Reading is checked here, and whether to ask for a reason; what acts is checked, and recorded, by the engine. */
  function mayNot({ actor, asks }: Incoming, { action, id }: Press): Problem | null {
    const proposal = engine.proposal(id);
    const environment = (proposal ?? engine.deployment(id))?.plan.environment;
    const asksWhy = action === 'reject' && asks.kind !== 'modal' && proposal?.state === 'pending';
    // Who asked may always take the request back.
    if (asksWhy && proposal.requestedBy.id !== actor.id)
      return engine.authorise(actor, 'approve', environment, `reject ${id}`);
    const { needs } = responses[action];
    return needs ? engine.authorise(actor, needs, environment, `button ${action} ${id}`) : null;
  }

  async function rendered(outcome: Outcome): Promise<Message> {
    if (outcome.kind === 'message') return outcome.message;
    const key = tellChannel(outcome);
    const card = key === null ? null : await stories.whereIs(key, placeMs);
    return renderReply(outcome, { card, channel: parts.channel });
  }

  /** What changed for everybody goes to the channel; answers the card's key. */
  function tellChannel(reply: Reply): string | null {
    if (reply.kind === 'asked') {
      stories.proposal(reply.proposal);
      return proposalKey(reply.proposal.id);
    }
    if (reply.kind !== 'decision') return null;
    const { decision } = reply;
    if (decision.kind === 'stale') {
      stories.stale(decision);
      return null;
    }
    stories.proposal(decision.proposal);
    return decision.kind === 'started' ? deploymentKey(decision.deployment) : null;
  }

  async function suggest(
    { actor, guild }: Incoming,
    asks: Asks & { readonly kind: 'autocomplete' },
    answer: Answer,
  ): Promise<void> {
    try {
      const found = commands.find(({ definition }) => definition.name === asks.name);
      const allowed = guild === parts.guild && !parts.closing() && parts.maySee(actor);
      const maySee = (environment: string): boolean => parts.maySee(actor, environment);
      const memory = { ...parts.memory, maySee };
      const choices =
        found && allowed ? await found.suggest(asks.focused, asks.typed, asks.options, memory) : [];
      await answer.offer(choices);
    } catch (error) {
      log.warn({ err: error, command: asks.name }, 'no suggestions');
      await answer.offer([]).catch(() => undefined);
    }
  }

  function callerOf({ actor }: Incoming): Caller {
    const maySee = (environment: string): boolean => parts.maySee(actor, environment);
    const signal = AbortSignal.any([parts.stopping, AbortSignal.timeout(answerMs)]);
    return { engine, actor, signal, maySee };
  }

  /** False: the person was told that we did not respond, and will try again; so we must not act now. */
  async function acknowledged(sent: Promise<void>, { id, actor }: Incoming): Promise<boolean> {
    try {
      await sent;
      return true;
    } catch (error) {
      log.warn({ err: error, interaction: id, actor: actor.id }, 'could not acknowledge in time');
      return false;
    }
  }

  /** The one place where a surprise becomes something a person can read and quote. */
  async function failed({ id, actor, asks }: Incoming, answer: Answer, error: unknown): Promise<void> {
    const reference = randomBytes(4).toString('hex');
    const what = 'customId' in asks ? asks.customId : asks.name;
    log.error({ err: error, reference, interaction: id, actor: actor.id, what }, 'an interaction failed');
    try {
      store.audit.append({ actor, action: 'failed', detail: { reference, what, kind: asks.kind } });
    } catch (auditError) {
      log.error({ err: auditError, reference }, 'the failure could not be recorded');
    }
    const problem: Problem =
      error instanceof ProblemError
        ? error.problem
        : {
            code: 'unexpected',
            message: 'Something went wrong inside Sentinel.',
            hint: `Look at \`/status\` before you try again. Whoever runs Sentinel finds this under ${reference}.`,
          };
    await answer
      .show(renderProblems([problem], reference))
      .catch((lost: unknown) => log.warn({ err: lost, reference }, 'the answer reached nobody'));
  }
}

const unknownButton: Problem = {
  code: 'unexpected',
  message: 'This button belongs to another version of Sentinel.',
  hint: 'Use the command again to get a fresh one.',
};

function pressOf(asks: Pressed): Press | null {
  const parsed = parseCustomId(asks.customId);
  return parsed && asks.kind === 'select' ? { ...parsed, id: asks.values[0] ?? '' } : parsed;
}

function refusal(problem: Problem): Reply {
  return { kind: 'problems', problems: [problem] };
}
