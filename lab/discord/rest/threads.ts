import { refuse } from '../api-error.ts';
import { createForm } from '../form.ts';
import { asRecord } from '../../json.ts';
import { HAS_THREAD } from '../limits/message.ts';
import { replace } from '../messages.ts';
import { may, requireBot } from '../permissions.ts';
import type { LabChannel, ThreadState } from '../state.ts';
import { isArchived, toChannel } from '../wire.ts';
import { GUILDS, type World } from '../world.ts';
import { channelOf, messageOf } from './find.ts';
import { noContent, ok, type Answer, type Call, type Route } from './route.ts';

const ARCHIVE_MINUTES: readonly unknown[] = [60, 1440, 4320, 10_080];
const me = '/channels/{channel_id}/thread-members/@me';

export const threadRoutes: readonly Route[] = [
  { method: 'POST', template: '/channels/{channel_id}/messages/{message_id}/threads', answer: fromMessage },
  { method: 'POST', template: '/channels/{channel_id}/threads', answer: standalone },
  { method: 'GET', template: '/channels/{channel_id}', answer: read },
  { method: 'PATCH', template: '/channels/{channel_id}', answer: change },
  { method: 'PUT', template: me, answer: (call) => membership(call) },
  { method: 'DELETE', template: me, answer: (call) => membership(call) },
];

/** What sending into a thread does first: an archived one comes back, unless it is locked. */
export function reopen(world: World, channel: LabChannel): void {
  if (channel.thread === null) return;
  const moderator = may(world, world.state.botId, channel, ['ManageThreads']);
  if (channel.thread.locked && !moderator) throw refuse('threadLocked');
  if (!isArchived(world, channel)) return;
  channel.thread.archived = false;
  channel.thread.lastActiveAt = world.clock.now();
  world.dispatch('THREAD_UPDATE', toChannel(world, channel), GUILDS);
}

function fromMessage(call: Call): Answer {
  const { world } = call;
  const channel = channelOf(call);
  requireBot(world, channel, ['CreatePublicThreads', 'ReadMessageHistory']);
  const message = messageOf(call);
  if (channel.thread !== null) throw refuse('wrongChannelType');
  if (world.state.channels.has(message.id)) throw refuse('threadExists');
  const thread = open(call, { id: message.id, parentId: channel.id, messageId: message.id, type: 11 });
  replace(world, { ...message, flags: message.flags | HAS_THREAD });
  return { status: 201, body: thread };
}

function standalone(call: Call): Answer {
  const { world } = call;
  const channel = channelOf(call);
  if (channel.thread !== null) throw refuse('wrongChannelType');
  const type = asRecord(call.body)['type'] === 11 ? 11 : 12;
  requireBot(world, channel, [type === 11 ? 'CreatePublicThreads' : 'CreatePrivateThreads']);
  return {
    status: 201,
    body: open(call, { id: world.newId(), parentId: channel.id, messageId: null, type }),
  };
}

function open(
  { world, body }: Call,
  place: { id: string; parentId: string; messageId: string | null; type: 11 | 12 },
) {
  const { name, autoArchive } = parseSettings(body, true);
  const now = world.clock.now();
  const thread: LabChannel = {
    id: place.id,
    name: name ?? '',
    type: place.type,
    parentId: place.parentId,
    ownerId: world.state.botId,
    createdAt: now,
    overwrites: [],
    thread: {
      messageId: place.messageId,
      archived: false,
      locked: false,
      autoArchiveMinutes: autoArchive ?? 4320,
      lastActiveAt: now,
    },
  };
  world.state.channels.set(thread.id, thread);
  const json = toChannel(world, thread);
  world.dispatch('THREAD_CREATE', { ...json, newly_created: true }, GUILDS);
  world.changed();
  return json;
}

function read(call: Call): Answer {
  const channel = channelOf(call);
  requireBot(call.world, channel, []);
  return ok(toChannel(call.world, channel));
}

function change(call: Call): Answer {
  const { world } = call;
  const channel = channelOf(call);
  const { thread } = channel;
  if (thread === null) requireBot(world, channel, ['ManageChannels']);
  else if (channel.ownerId !== world.state.botId || thread.locked)
    requireBot(world, channel, ['ManageThreads']);
  const { name, autoArchive, archived, locked } = parseSettings(call.body, false);
  if (thread !== null && isArchived(world, channel) && archived !== false && name !== undefined)
    throw refuse('threadArchived');
  channel.name = name ?? channel.name;
  if (thread !== null) changeThread({ world, channel, thread }, { autoArchive, archived, locked });
  const json = toChannel(world, channel);
  world.dispatch(thread === null ? 'CHANNEL_UPDATE' : 'THREAD_UPDATE', json, GUILDS);
  world.changed();
  return ok(json);
}

function changeThread(
  { world, channel, thread }: { world: World; channel: LabChannel; thread: ThreadState },
  { autoArchive, archived, locked }: Omit<ReturnType<typeof parseSettings>, 'name'>,
): void {
  if (locked !== undefined && locked !== thread.locked) requireBot(world, channel, ['ManageThreads']);
  if (archived === false) thread.lastActiveAt = world.clock.now();
  thread.autoArchiveMinutes = autoArchive ?? thread.autoArchiveMinutes;
  thread.archived = archived ?? thread.archived;
  thread.locked = locked ?? thread.locked;
}

function parseSettings(raw: unknown, nameRequired: boolean) {
  const body = asRecord(raw);
  const { name, auto_archive_duration: minutes, archived, locked } = body;
  const form = createForm();
  form.text('name', name, { min: 1, max: 100, required: nameRequired });
  if (minutes !== undefined && minutes !== null && !ARCHIVE_MINUTES.includes(minutes))
    form.add('auto_archive_duration', 'BASE_TYPE_CHOICES', 'Value must be one of {60, 1440, 4320, 10080}.');
  form.settle();
  return {
    name: typeof name === 'string' ? name : undefined,
    autoArchive: typeof minutes === 'number' ? minutes : undefined,
    archived: typeof archived === 'boolean' ? archived : undefined,
    locked: typeof locked === 'boolean' ? locked : undefined,
  };
}

function membership(call: Call): Answer {
  const channel = channelOf(call);
  if (channel.thread === null) throw refuse('wrongChannelType');
  if (isArchived(call.world, channel)) throw refuse('threadArchived');
  return noContent;
}
