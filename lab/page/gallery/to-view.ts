import { bodyOf, filesOf } from '../../../bot/chat.ts';
import { fit } from '../../../bot/render/limits.ts';
import { parseMessageBody } from '../../discord/message-body.ts';
import type { AttachmentView, GalleryView, MessageView, PageView } from '../view.ts';
import { ada, ben } from './fixtures/plans.ts';
import { now, type Kind } from './kind.ts';

const channel = '2';
const idOf = (actor: string): string => actor.replace('discord:', '');

/** Names behind the mentions in the gallery. */
const names: PageView['names'] = {
  users: Object.fromEntries([ada, ben].map(({ id, name }) => [idOf(id), name])),
  roles: { '11': 'approvers' },
  channels: { [channel]: 'deployments' },
  commands: {},
};

/** These kinds as the page draws them. */
export function toGallery(kinds: readonly Kind[]): GalleryView {
  return {
    ...{ names, people: [], me: idOf(ada.id), bot: { id: '1', name: 'Sentinel', online: true } },
    ...{ now: Date.parse(now), messages: kinds.map(toView) },
  };
}

/** What Discord would show of a kind, as the page draws it: fitted to the limits, its files beside it. */
export function toView({ name, seen, command, message }: Kind): MessageView {
  const fitted = fit(message);
  // Read as Discord reads it, so that the page draws what comes out of Discord.
  const { content, embeds, components } = parseMessageBody(bodyOf(fitted));
  const attachments = filesOf(fitted).map(({ name: file, data: bytes, contentType }): AttachmentView => {
    const type = contentType ?? 'application/octet-stream';
    const held = Buffer.isBuffer(bytes) ? bytes : Buffer.from(String(bytes));
    const url = `data:${type};base64,${held.toString('base64')}`;
    return { name: file, type, description: null, size: held.byteLength, url };
  });
  return {
    ...{ id: name, channel, author: { id: '1', name: 'Sentinel', bot: true } },
    ...{
      at: Date.parse(now),
      edited: false,
      content: content ?? '',
      embeds: embeds ?? [],
      components: components ?? [],
      attachments,
    },
    ...{ ephemeral: seen === 'privately', loading: false, thread: null, callsMe: false },
    command: command === undefined ? null : { name: command, by: ada.name },
  };
}
