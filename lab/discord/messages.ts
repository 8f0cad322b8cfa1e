import { EmbedType, type APIEmbed } from 'discord.js';
import { checkMessage, EPHEMERAL, LOADING } from './limits/message.ts';
import { mentionableText, pingedBy, type AllowedMentions } from './mentions.ts';
import type { MessageBody } from './message-body.ts';
import type { Component, LabAttachment, LabChannel, LabMessage, MessageContent } from './state.ts';
import type { Upload } from './uploads.ts';
import { toMessage } from './wire-message.ts';
import { GUILD_MESSAGES, type World } from './world.ts';

export interface Draft {
  readonly channel: LabChannel;
  readonly authorId: string;
  readonly body: MessageBody;
  readonly files: ReadonlyMap<string, Upload>;
  /** Used where the body does not say. */
  readonly mentions: AllowedMentions;
  readonly interactionId?: string;
  readonly visibleTo?: string;
}

/** Checks a new message against every limit and puts it into its channel. */
export function createMessage(world: World, draft: Draft): LabMessage {
  const { body, channel, authorId } = draft;
  const attachments = newAttachments(world, body, draft.files);
  const content = contentOf(body, attachments, null);
  checkMessage(body, {
    ...content,
    embeds: content.embeds.length,
    attachments: attachments.length,
    keptFlags: 0,
  });
  const flags = content.flags | (draft.visibleTo === undefined ? 0 : EPHEMERAL);
  return place(world, {
    ...content,
    flags,
    id: world.newId(),
    channelId: channel.id,
    authorId,
    createdAt: world.clock.now(),
    editedAt: null,
    edits: [],
    pinged: pingedBy(
      world,
      { text: mentionableText(content.content, content.components), authorId, channel },
      body.allowed_mentions ?? draft.mentions,
    ),
    nonce: body.nonce ?? null,
    interactionId: draft.interactionId ?? null,
    visibleTo: draft.visibleTo ?? null,
    referenceId: body.message_reference?.message_id ?? null,
    pinned: false,
    reactions: [],
  });
}

/** The "is thinking…" message behind a deferred reply. */
export function createPlaceholder(
  world: World,
  draft: Omit<Draft, 'body' | 'files' | 'mentions'>,
): LabMessage {
  return place(world, {
    content: '',
    embeds: [],
    components: [],
    attachments: [],
    flags: LOADING | (draft.visibleTo === undefined ? 0 : EPHEMERAL),
    id: world.newId(),
    channelId: draft.channel.id,
    authorId: draft.authorId,
    createdAt: world.clock.now(),
    editedAt: null,
    edits: [],
    pinged: [],
    nonce: null,
    interactionId: draft.interactionId ?? null,
    visibleTo: draft.visibleTo ?? null,
    referenceId: null,
    pinned: false,
    reactions: [],
  });
}

/** Replaces each field that is given, keeps the others, remembers what was there. Edits notify nobody. */
export function editMessage(
  world: World,
  message: LabMessage,
  change: { readonly body: MessageBody; readonly files: ReadonlyMap<string, Upload> },
): LabMessage {
  const { body, files } = change;
  const kept = keptAttachments(message, body);
  const attachments = [...kept, ...newAttachments(world, body, files)];
  const content = contentOf(body, attachments, message);
  checkMessage(body, {
    ...content,
    embeds: content.embeds.length,
    attachments: attachments.length,
    keptFlags: message.flags,
  });
  const { content: text, embeds, components, flags } = message;
  const loading = (flags & LOADING) !== 0;
  const before: MessageContent = {
    content: text,
    embeds,
    components,
    attachments: message.attachments,
    flags,
  };
  return replace(world, {
    ...message,
    ...content,
    flags: content.flags & ~LOADING,
    editedAt: loading ? null : world.clock.now(),
    edits: loading ? message.edits : [...message.edits, before],
  });
}

/** Puts a changed record in the place of the old one and tells everybody. */
export function replace(world: World, message: LabMessage): LabMessage {
  world.state.messages.set(message.id, message);
  if (message.visibleTo === null)
    world.dispatch(
      'MESSAGE_UPDATE',
      { ...toMessage(world, message), guild_id: world.state.guild.id },
      GUILD_MESSAGES,
    );
  world.changed();
  return message;
}

export function deleteMessage(world: World, message: LabMessage): void {
  world.state.messages.delete(message.id);
  world.state.deleted.set(message.id, message);
  const { id, channelId: channel_id } = message;
  world.dispatch('MESSAGE_DELETE', { id, channel_id, guild_id: world.state.guild.id }, GUILD_MESSAGES);
  world.changed();
}

function place(world: World, message: LabMessage): LabMessage {
  world.state.messages.set(message.id, message);
  const thread = world.state.channels.get(message.channelId)?.thread;
  if (thread) thread.lastActiveAt = message.createdAt;
  if (message.visibleTo === null)
    world.dispatch(
      'MESSAGE_CREATE',
      { ...toMessage(world, message), guild_id: world.state.guild.id },
      GUILD_MESSAGES,
    );
  world.changed();
  return message;
}

function contentOf(
  body: MessageBody,
  attachments: readonly LabAttachment[],
  old: LabMessage | null,
): MessageContent {
  const components =
    body.components === undefined ? (old?.components ?? []) : numbered(body.components ?? []);
  return {
    content: body.content === undefined ? (old?.content ?? '') : (body.content ?? '').trim(),
    embeds: body.embeds === undefined ? (old?.embeds ?? []) : (body.embeds ?? []).map(completed),
    components,
    attachments,
    flags: (old?.flags ?? 0) | (body.flags ?? 0),
  };
}

/** What Discord adds to an embed it was sent. */
function completed(embed: APIEmbed): APIEmbed {
  const fields = embed.fields?.map((field) => ({ ...field, inline: field.inline ?? false }));
  return { type: EmbedType.Rich, ...embed, ...(fields === undefined ? {} : { fields }) };
}

/** Every component gets a number unique in its message, and the defaults Discord fills in. */
function numbered(components: readonly Component[]): readonly Component[] {
  let last = 0;
  const number = (component: Component): Component => {
    const id = component.id ?? ++last;
    const isSelect = [3, 5, 6, 7, 8].includes(component.type);
    return {
      ...component,
      id,
      ...(isSelect ? { min_values: component.min_values ?? 1, max_values: component.max_values ?? 1 } : {}),
      ...(component.components === undefined ? {} : { components: component.components.map(number) }),
      ...(component.accessory === undefined ? {} : { accessory: number(component.accessory) }),
    };
  };
  return components.map(number);
}

function keptAttachments(message: LabMessage, { attachments }: MessageBody): readonly LabAttachment[] {
  if (attachments === undefined) return message.attachments;
  const wanted = new Set((attachments ?? []).map(({ id }) => String(id)));
  return message.attachments.filter(({ id }) => wanted.has(id));
}

function newAttachments(
  world: World,
  { attachments }: MessageBody,
  files: ReadonlyMap<string, Upload>,
): readonly LabAttachment[] {
  return [...files].map(([number, { filename, contentType, bytes }]) => {
    const entry = attachments?.find(({ id }) => String(id) === number);
    return {
      id: world.newId(),
      filename: entry?.filename ?? filename,
      description: entry?.description ?? null,
      contentType,
      bytes,
    };
  });
}
