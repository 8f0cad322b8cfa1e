import { PermissionFlagsBits, type PermissionsString } from 'discord.js';
import { refuse } from '../api-error.ts';
import { createMessage, deleteMessage, editMessage, replace } from '../messages.ts';
import { parseMessageBody, type MessageBody } from '../message-body.ts';
import { may, permissionsOf, requireBot } from '../permissions.ts';
import type { LabChannel, LabMessage } from '../state.ts';
import { isArchived } from '../wire.ts';
import { toMessage } from '../wire-message.ts';
import type { World } from '../world.ts';
import { reopen } from './threads.ts';
import { channelOf, messageOf } from './find.ts';
import { noContent, ok, param, type Answer, type Call, type Route } from './route.ts';

const NONCE_WINDOW = 5 * 60_000;
const one = '/channels/{channel_id}/messages/{message_id}';
const reaction = `${one}/reactions/{emoji_name}/@me`;
const pin = '/channels/{channel_id}/messages/pins/{message_id}';

export const messageRoutes: readonly Route[] = [
  { method: 'GET', template: '/channels/{channel_id}/messages', answer: list },
  { method: 'POST', template: '/channels/{channel_id}/messages', answer: create },
  { method: 'GET', template: one, answer: read },
  { method: 'PATCH', template: one, answer: edit },
  { method: 'DELETE', template: one, answer: remove },
  { method: 'PUT', template: reaction, answer: (call) => react(call, true) },
  { method: 'DELETE', template: reaction, answer: (call) => react(call, false) },
  { method: 'PUT', template: pin, answer: (call) => setPin(call, true) },
  { method: 'DELETE', template: pin, answer: (call) => setPin(call, false) },
  { method: 'POST', template: '/channels/{channel_id}/typing', answer: typing },
];

function create(call: Call): Answer {
  const { world, files } = call;
  const channel = channelOf(call);
  const body = parseMessageBody(call.body);
  requireBot(world, channel, permissionsFor(channel, body, files.size));
  reopen(world, channel);
  const earlier = body.enforce_nonce === true ? sameNonce(world, body, channel) : undefined;
  if (earlier !== undefined) return ok(toMessage(world, earlier));
  const { message_reference: reference } = body;
  if (reference && reference.fail_if_not_exists !== false && !world.state.messages.has(reference.message_id))
    throw refuse('unknownMessage');
  const mentions = { parse: ['users', 'roles', 'everyone'] };
  const authorId = world.state.botId;
  return ok(toMessage(world, createMessage(world, { channel, authorId, body, files, mentions })));
}

function permissionsFor(channel: LabChannel, body: MessageBody, files: number): readonly PermissionsString[] {
  return [
    channel.thread === null ? 'SendMessages' : 'SendMessagesInThreads',
    ...((body.embeds ?? []).length > 0 ? (['EmbedLinks'] as const) : []),
    ...(files > 0 ? (['AttachFiles'] as const) : []),
    ...(body.message_reference ? (['ReadMessageHistory'] as const) : []),
  ];
}

function sameNonce(
  { state, clock }: World,
  { nonce }: MessageBody,
  channel: LabChannel,
): LabMessage | undefined {
  if (nonce === undefined || nonce === null) return undefined;
  return [...state.messages.values(), ...state.deleted.values()].find(
    (message) =>
      message.nonce === nonce &&
      message.channelId === channel.id &&
      message.authorId === state.botId &&
      clock.now() - message.createdAt < NONCE_WINDOW,
  );
}

function list(call: Call): Answer {
  const { world, query } = call;
  const channel = channelOf(call);
  requireBot(world, channel, []);
  if (!may(world, world.state.botId, channel, ['ReadMessageHistory'])) return ok([]);
  const limit = Number(query.get('limit') ?? 50);
  const before = BigInt(query.get('before') ?? '9223372036854775807');
  const after = BigInt(query.get('after') ?? 0);
  const found = [...world.state.messages.values()]
    .filter(({ channelId, visibleTo }) => channelId === channel.id && visibleTo === null)
    .filter(({ id }) => BigInt(id) < before && BigInt(id) > after)
    .toReversed()
    .slice(0, limit);
  return ok(found.map((message) => toMessage(world, message)));
}

function read(call: Call): Answer {
  requireBot(call.world, channelOf(call), ['ReadMessageHistory']);
  return ok(toMessage(call.world, messageOf(call)));
}

function edit(call: Call): Answer {
  const { world, files } = call;
  const channel = channelOf(call);
  requireBot(world, channel, []);
  const message = messageOf(call);
  if (message.authorId !== world.state.botId) throw refuse('notTheAuthor');
  if (isArchived(world, channel)) throw refuse('threadArchived');
  const body = parseMessageBody(call.body);
  return ok(toMessage(world, editMessage(world, message, { body, files })));
}

function remove(call: Call): Answer {
  const { world } = call;
  const channel = channelOf(call);
  requireBot(world, channel, []);
  const message = messageOf(call);
  if (message.authorId !== world.state.botId) requireBot(world, channel, ['ManageMessages']);
  deleteMessage(world, message);
  return noContent;
}

function react(call: Call, add: boolean): Answer {
  const { world } = call;
  const channel = channelOf(call);
  requireBot(world, channel, add ? ['AddReactions', 'ReadMessageHistory'] : ['ReadMessageHistory']);
  if (isArchived(world, channel)) throw refuse('threadArchived');
  const message = messageOf(call);
  const emoji = param(call, 'emoji_name');
  const others = message.reactions.filter((each) => each.emoji !== emoji);
  const users = message.reactions.find((each) => each.emoji === emoji)?.users ?? [];
  const left = users.filter((id) => id !== world.state.botId);
  const now = add ? [...left, world.state.botId] : left;
  replace(world, { ...message, reactions: now.length === 0 ? others : [...others, { emoji, users: now }] });
  return noContent;
}

function setPin(call: Call, pinned: boolean): Answer {
  const { world } = call;
  const channel = channelOf(call);
  const bot = world.state.users.get(world.state.botId);
  const held = bot === undefined ? 0n : permissionsOf(world.state, bot, channel);
  const wanted = PermissionFlagsBits.PinMessages;
  if ((held & wanted) === 0n) throw refuse('missingPermissions');
  replace(world, { ...messageOf(call), pinned });
  return noContent;
}

function typing(call: Call): Answer {
  requireBot(call.world, channelOf(call), ['SendMessages']);
  return noContent;
}
