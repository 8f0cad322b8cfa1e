import { refuse } from '../api-error.ts';
import { LOADING } from '../limits/message.ts';
import { createMessage, deleteMessage, editMessage } from '../messages.ts';
import { parseMessageBody } from '../message-body.ts';
import type { LabInteraction, LabMessage, LabWebhook } from '../state.ts';
import { toMessage } from '../wire-message.ts';
import { draftOf } from './interactions.ts';
import { noContent, ok, param, type Answer, type Call, type Route } from './route.ts';

/** How long an interaction's token can be used after its first answer. */
export const TOKEN_MS = 15 * 60_000;

const base = '/webhooks/{webhook_id}/{webhook_token}';
const own = { open: true, exempt: true } as const;

export const webhookRoutes: readonly Route[] = [
  { ...own, method: 'POST', template: base, answer: followUp },
  ...([`${base}/messages/@original`, `${base}/messages/{message_id}`] as const).flatMap(
    (template): readonly Route[] => [
      { ...own, method: 'GET', template, answer: read },
      { ...own, method: 'PATCH', template, answer: edit },
      { ...own, method: 'DELETE', template, answer: remove },
    ],
  ),
];

function interactionOf(call: Call): LabInteraction {
  const { state, clock } = call.world;
  const token = param(call, 'webhook_token');
  const interaction = [...state.interactions.values()].find((each) => each.token === token);
  if (interaction === undefined || param(call, 'webhook_id') !== state.applicationId)
    throw refuse('invalidWebhookToken');
  if (clock.now() - interaction.createdAt > TOKEN_MS) throw refuse('invalidWebhookToken');
  if (interaction.ack === null) throw refuse('unknownWebhook');
  return interaction;
}

function messageOf(call: Call, interaction: LabInteraction): LabMessage {
  const id = call.params.get('message_id') ?? interaction.originalId;
  const mine = id !== null && (id === interaction.originalId || interaction.followUpIds.includes(id));
  const message = mine ? call.world.state.messages.get(id) : undefined;
  if (message === undefined) throw refuse('unknownMessage');
  return message;
}

function read(call: Call): Answer {
  return ok(toMessage(call.world, messageOf(call, interactionOf(call))));
}

function edit(call: Call): Answer {
  const interaction = interactionOf(call);
  return ok(toMessage(call.world, editOwn(call, interaction, messageOf(call, interaction))));
}

function editOwn(call: Call, interaction: LabInteraction, message: LabMessage): LabMessage {
  const edited = editMessage(call.world, message, { body: parseMessageBody(call.body), files: call.files });
  if (message.id === interaction.originalId) interaction.originalEdits += 1;
  call.world.changed();
  return edited;
}

function remove(call: Call): Answer {
  deleteMessage(call.world, messageOf(call, interactionOf(call)));
  return noContent;
}

/** Right after a deferred reply the "follow-up" fills the placeholder: an old habit Discord still keeps. */
function followUp(call: Call): Answer {
  const { state } = call.world;
  const id = param(call, 'webhook_id');
  const webhook = state.webhooks.get(id);
  if (webhook !== undefined) return execute(call, webhook);
  if (id !== state.applicationId) throw refuse('unknownWebhook');
  const interaction = interactionOf(call);
  const original = call.world.state.messages.get(interaction.originalId ?? '');
  if (original !== undefined && interaction.ack?.type === 5 && (original.flags & LOADING) !== 0)
    return ok(toMessage(call.world, editOwn(call, interaction, original)));
  const message = createMessage(call.world, draftOf(call, interaction, call.body));
  interaction.followUpIds = [...interaction.followUpIds, message.id];
  call.world.changed();
  return ok(toMessage(call.world, message));
}

/** A webhook of a channel: who knows its address may post. Only who waits is told what became of it. */
function execute(call: Call, { id, token, channelId }: LabWebhook): Answer {
  const { world, files } = call;
  const channel = world.state.channels.get(channelId);
  if (token !== param(call, 'webhook_token')) throw refuse('invalidWebhookToken');
  if (channel === undefined) throw refuse('unknownWebhook');
  const body = parseMessageBody(call.body);
  const message = createMessage(world, {
    channel,
    authorId: id,
    body,
    files,
    mentions: { parse: ['users'] },
  });
  return call.query.get('wait') === 'true' ? ok(toMessage(world, message)) : noContent;
}
