import { ApiError, refuse } from '../api-error.ts';
import { createForm } from '../form.ts';
import { asList, asRecord } from '../../json.ts';
import { EPHEMERAL } from '../limits/message.ts';
import { parseModal } from '../limits/modal.ts';
import { createMessage, createPlaceholder, editMessage, type Draft } from '../messages.ts';
import { parseMessageBody } from '../message-body.ts';
import type { Choice, LabInteraction, LabMessage } from '../state.ts';
import { toMessage } from '../wire-message.ts';
import { noContent, ok, param, type Answer, type Call, type Route } from './route.ts';

/** An interaction must be answered within this time, or its token is dead. */
export const FIRST_ANSWER_MS = 3000;

export const interactionRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/interactions/{interaction_id}/{interaction_token}/callback',
    open: true,
    exempt: true,
    answer: callback,
  },
];

const ALLOWED: Readonly<Record<LabInteraction['kind'], readonly number[]>> = {
  command: [4, 5, 9],
  component: [4, 5, 6, 7, 9],
  modal: [4, 5, 6, 7],
  autocomplete: [8],
};

function callback(call: Call): Answer {
  const { world } = call;
  const interaction = world.state.interactions.get(param(call, 'interaction_id'));
  const known = interaction?.token === param(call, 'interaction_token') ? interaction : undefined;
  if (known === undefined) throw refuse('unknownInteraction');
  if (known.ack !== null) throw refuse('alreadyAcknowledged');
  if (world.clock.now() - known.createdAt > FIRST_ANSWER_MS) throw refuse('unknownInteraction');
  const type = parseType(call.body, known);
  const message = inDataForm(() => apply(call, known, type));
  const ephemeral = (message?.flags ?? 0) & EPHEMERAL;
  known.ack = { type, at: world.clock.now(), ephemeral: ephemeral !== 0 };
  known.originalId = message?.id ?? null;
  world.changed();
  if (call.query.get('with_response') !== 'true') return noContent;
  return ok(response(call, known, message));
}

function parseType(body: unknown, interaction: LabInteraction): number {
  const type = asRecord(body)['type'];
  const form = createForm();
  if (typeof type !== 'number') form.add('type', 'BASE_TYPE_REQUIRED', 'This field is required');
  else if (!allowed(interaction).includes(type))
    form.add('type', 'INTERACTION_CALLBACK_TYPE_INVALID', `Type ${type} cannot answer this interaction.`);
  form.settle();
  return Number(type);
}

/** 6 and 7 need a message to act on: a modal opened by a slash command has none. */
function allowed({ kind, sourceId }: LabInteraction): readonly number[] {
  return ALLOWED[kind].filter((type) => sourceId !== null || (type !== 6 && type !== 7));
}

function apply(call: Call, interaction: LabInteraction, type: number): LabMessage | null {
  const { world, files } = call;
  const data = asRecord(call.body)['data'];
  switch (type) {
    case 4:
      return createMessage(world, draftOf(call, interaction, data ?? {}));
    case 5: {
      const { channel, authorId, interactionId, visibleTo } = draftOf(call, interaction, data ?? {});
      const flags = parseMessageBody(data ?? {}).flags ?? 0;
      if ((flags & ~EPHEMERAL) !== 0) {
        const form = createForm();
        form.add('flags', 'MESSAGE_FLAGS_INVALID', 'Only the ephemeral flag can be set on a deferred reply.');
        form.settle();
      }
      return createPlaceholder(world, {
        channel,
        authorId,
        ...(interactionId === undefined ? {} : { interactionId }),
        ...(visibleTo === undefined ? {} : { visibleTo }),
      });
    }
    case 6:
      return sourceOf(call, interaction);
    case 7:
      return editMessage(world, sourceOf(call, interaction), { body: parseMessageBody(data ?? {}), files });
    case 8:
      interaction.choices = parseChoices(asRecord(data)['choices']);
      return null;
    default:
      interaction.modal = parseModal(data);
      return null;
  }
}

function sourceOf({ world }: Call, { sourceId }: LabInteraction): LabMessage {
  const message = world.state.messages.get(sourceId ?? '');
  if (message === undefined) throw refuse('unknownMessage');
  return message;
}

/** The message an answer or a follow-up would create; ephemeral ones belong to the person who asked. */
export function draftOf({ world, files }: Call, interaction: LabInteraction, data: unknown): Draft {
  const body = parseMessageBody(data);
  const channel = world.state.channels.get(interaction.channelId);
  if (channel === undefined) throw refuse('unknownChannel');
  const hidden = ((body.flags ?? 0) & EPHEMERAL) !== 0;
  return {
    channel,
    authorId: world.state.botId,
    body,
    files,
    mentions: { parse: ['users'] },
    interactionId: interaction.id,
    ...(hidden ? { visibleTo: interaction.userId } : {}),
  };
}

function parseChoices(raw: unknown): readonly Choice[] {
  const form = createForm();
  if (!Array.isArray(raw)) form.add('choices', 'BASE_TYPE_REQUIRED', 'This field is required');
  form.list('choices', raw, 0, 25);
  const choices = asList(raw).map((entry, index) => {
    const { name, value } = asRecord(entry);
    form.text(`choices.${index}.name`, name, { min: 1, max: 100, required: true });
    if (typeof value !== 'number') form.text(`choices.${index}.value`, value, { max: 100, required: true });
    return { name: String(name), value: typeof value === 'number' ? value : String(value) };
  });
  form.settle();
  return choices;
}

/** The places of a wrong callback body lie below `data`. */
function inDataForm<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ApiError) || error.errors === undefined) throw error;
    const { status, code, message, errors } = error;
    const nested = 'data' in asRecord(errors) ? errors : { data: errors };
    throw new ApiError({ status, code, message, errors: nested });
  }
}

function response({ world }: Call, interaction: LabInteraction, message: LabMessage | null) {
  const types = { command: 2, component: 3, autocomplete: 4, modal: 5 };
  const type = interaction.ack?.type ?? 0;
  const flags = message?.flags ?? 0;
  return {
    interaction: {
      id: interaction.id,
      type: types[interaction.kind],
      response_message_id: message?.id,
      response_message_loading: type === 5,
      response_message_ephemeral: (flags & EPHEMERAL) !== 0,
    },
    ...(message === null || type === 6 ? {} : { resource: { type, message: toMessage(world, message) } }),
  };
}
