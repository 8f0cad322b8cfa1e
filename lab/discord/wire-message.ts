import type { APIEmbed } from 'discord.js';
import type { LabMessage } from './state.ts';
import { iso, toChannel, toUser } from './wire.ts';
import type { World } from './world.ts';

export function toAttachment(world: World, message: LabMessage, id: string) {
  const attachment = message.attachments.find((each) => each.id === id);
  if (attachment === undefined) throw new Error(`message ${message.id} has no attachment ${id}`);
  const url = `${world.origin()}/attachments/${message.channelId}/${id}/${encodeURIComponent(attachment.filename)}`;
  return {
    id,
    filename: attachment.filename,
    size: attachment.bytes.byteLength,
    url,
    proxy_url: url,
    content_type: attachment.contentType,
    ...(attachment.description === null ? {} : { description: attachment.description }),
    ...(message.visibleTo === null ? {} : { ephemeral: true }),
  };
}

export function toMessage(world: World, message: LabMessage) {
  const { state } = world;
  const author = state.users.get(message.authorId);
  if (author === undefined) throw new Error(`message ${message.id} has an unknown author`);
  const people = message.pinged.flatMap((id) => state.users.get(id) ?? []);
  const thread = state.channels.get(message.id);
  return {
    id: message.id,
    type: message.referenceId === null ? (message.interactionId === null ? 0 : 20) : 19,
    channel_id: message.channelId,
    author: toUser(author),
    content: message.content,
    timestamp: iso(message.createdAt),
    edited_timestamp: message.editedAt === null ? null : iso(message.editedAt),
    tts: false,
    pinned: message.pinned,
    mention_everyone: message.pinged.includes('everyone') || message.pinged.includes('here'),
    mentions: people.map(toUser),
    mention_roles: message.pinged.filter((id) => state.roles.has(id)),
    flags: message.flags,
    attachments: message.attachments.map(({ id }) => toAttachment(world, message, id)),
    embeds: message.embeds.map((embed) => withFiles(world, message, embed)),
    components: message.components,
    ...(message.nonce === null ? {} : { nonce: message.nonce }),
    ...(state.webhooks.has(author.id)
      ? { webhook_id: author.id }
      : author.bot
        ? { application_id: state.applicationId }
        : {}),
    ...(message.interactionId === null ? {} : interactionOf(world, message.interactionId)),
    ...(thread === undefined ? {} : { thread: toChannel(world, thread) }),
    ...(message.reactions.length === 0
      ? {}
      : { reactions: message.reactions.map((each) => toReaction(world, each)) }),
    ...(message.referenceId === null
      ? {}
      : { message_reference: { type: 0, message_id: message.referenceId, channel_id: message.channelId } }),
  };
}

/** `attachment://name` becomes the address of the uploaded file. */
function withFiles(world: World, message: LabMessage, embed: APIEmbed): APIEmbed {
  const address = (url: string) => {
    const name = url.startsWith('attachment://') ? url.slice('attachment://'.length) : null;
    const file = message.attachments.find(({ filename }) => filename === name);
    return file === undefined ? url : toAttachment(world, message, file.id).url;
  };
  const { image, thumbnail } = embed;
  return {
    ...embed,
    ...(image === undefined ? {} : { image: { ...image, url: address(image.url) } }),
    ...(thumbnail === undefined ? {} : { thumbnail: { ...thumbnail, url: address(thumbnail.url) } }),
  };
}

function toReaction({ state }: World, { emoji, users }: LabMessage['reactions'][number]) {
  return {
    emoji: { id: null, name: emoji },
    count: users.length,
    count_details: { burst: 0, normal: users.length },
    burst_colors: [],
    me_burst: false,
    burst_me: false,
    burst_count: 0,
    me: users.includes(state.botId),
  };
}

function interactionOf({ state }: World, id: string) {
  const interaction = state.interactions.get(id);
  const user = state.users.get(interaction?.userId ?? '');
  if (interaction === undefined || user === undefined) return {};
  const metadata = {
    id,
    user: toUser(user),
    authorizing_integration_owners: { '0': state.guild.id },
  };
  if (interaction.kind === 'command')
    return { interaction_metadata: { ...metadata, type: 2, name: interaction.name, command_type: 1 } };
  return {
    interaction_metadata: { ...metadata, type: 3, interacted_message_id: interaction.sourceId ?? id },
  };
}
