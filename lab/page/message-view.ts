import type { APIEmbed } from 'discord.js';
import { EPHEMERAL, LOADING, type LabAttachment, type LabMessage } from '../discord/index.ts';
import { shownAs } from './attachments.ts';
import type { Sight } from './sight.ts';
import type { MessageView } from './view.ts';

/** A message as the one who looks sees it. */
export function messageView(sight: Sight, message: LabMessage): MessageView {
  const { state } = sight;
  const author = state.users.get(message.authorId);
  const name = author?.name ?? 'somebody';
  const addressOf = (file: LabAttachment): string => attachmentAddress(sight, message, file);
  return {
    id: message.id,
    channel: message.channelId,
    author: { id: message.authorId, name, bot: author?.bot ?? false },
    at: message.createdAt,
    edited: message.editedAt !== null,
    content: message.content,
    embeds: message.embeds.map((embed) => withFiles(embed, message.attachments, addressOf)),
    components: message.components,
    attachments: message.attachments.map((file) => ({
      name: file.filename,
      type: shownAs(file).type,
      description: file.description,
      size: file.bytes.byteLength,
      url: addressOf(file),
    })),
    ephemeral: (message.flags & EPHEMERAL) !== 0,
    loading: (message.flags & LOADING) !== 0,
    command: commandOf(sight, message),
    thread: threadOf(sight, message),
    callsMe: callsMe(sight, message),
  };
}

/** Says who asks: what only they see is given to nobody else. */
function attachmentAddress({ user }: Sight, { id }: LabMessage, file: LabAttachment): string {
  return `/attachments/${id}/${file.id}/${encodeURIComponent(file.filename)}?as=${user.id}`;
}

/** In an embed, `attachment://name` means a file of its message. */
function withFiles(
  embed: APIEmbed,
  files: readonly LabAttachment[],
  addressOf: (file: LabAttachment) => string,
): APIEmbed {
  const address = (url: string): string => {
    const file = files.find(({ filename }) => url === `attachment://${filename}`);
    return file === undefined ? url : addressOf(file);
  };
  const { image, thumbnail, author, footer } = embed;
  const icon = (url: string | undefined) => (url === undefined ? {} : { icon_url: address(url) });
  return {
    ...embed,
    ...(image === undefined ? {} : { image: { ...image, url: address(image.url) } }),
    ...(thumbnail === undefined ? {} : { thumbnail: { ...thumbnail, url: address(thumbnail.url) } }),
    ...(author === undefined ? {} : { author: { ...author, ...icon(author.icon_url) } }),
    ...(footer === undefined ? {} : { footer: { ...footer, ...icon(footer.icon_url) } }),
  };
}

/** Only the first answer says what was asked, as in Discord. */
function commandOf({ state }: Sight, { id, interactionId }: LabMessage): MessageView['command'] {
  const asked = state.interactions.get(interactionId ?? '');
  if (asked?.kind !== 'command' || (asked.originalId !== null && asked.originalId !== id)) return null;
  return { name: asked.name, by: state.users.get(asked.userId)?.name ?? 'somebody' };
}

function threadOf({ state, channel }: Sight, { id }: LabMessage): MessageView['thread'] {
  const thread = state.channels.get(id);
  if (thread === undefined || !channel(thread)) return null;
  const within = [...state.messages.values()].filter(
    ({ channelId, visibleTo }) => channelId === id && visibleTo === null,
  );
  return { id, name: thread.name, messages: within.length };
}

function callsMe({ user }: Sight, { pinged }: LabMessage): boolean {
  const names: readonly string[] = [user.id, ...user.roles, 'everyone', 'here'];
  return pinged.some((id) => names.includes(id));
}
