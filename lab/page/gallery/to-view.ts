import { attachmentsOf, bodyOf, filesOf, painted } from '../../../bot/chat.ts';
import { rasterise } from '../../../bot/pictures/rasterise.ts';
import { fit } from '../../../bot/render/limits.ts';
import { parseMessageBody } from '../../discord/message-body.ts';
import type { AttachmentView, GalleryView, MessageView, PageView } from '../view.ts';
import { ada, approvers, ben } from './fixtures/plans.ts';
import { now, type Kind } from './kind.ts';

const channel = '2';
const idOf = (actor: string): string => actor.replace('discord:', '');

/** Names behind the mentions in the gallery. */
const names: PageView['names'] = {
  users: Object.fromEntries([ada, ben].map(({ id, name }) => [idOf(id), name])),
  roles: { [approvers]: 'approvers' },
  channels: { [channel]: 'deployments' },
  commands: {},
};

/** These kinds as the page draws them. */
export async function toGallery(kinds: readonly Kind[]): Promise<GalleryView> {
  return {
    ...{ names, people: [], me: idOf(ada.id), bot: { id: '1', name: 'Sentinel', online: true } },
    ...{ now: Date.parse(now), messages: await Promise.all(kinds.map(toView)) },
  };
}

/** What Discord would show of a kind, as the page draws it: fitted to the limits, its files beside it. */
export async function toView({ name, seen, command, message }: Kind): Promise<MessageView> {
  const ready = await painted(fit(message), ({ svg }) => rasterise(svg));
  // Read as Discord reads it, so that the page draws what comes out of Discord.
  const { content, embeds, components } = parseMessageBody(bodyOf(ready));
  const said = attachmentsOf(ready);
  const attachments = filesOf(ready).map(
    ({ name: file, data: bytes, contentType }, index): AttachmentView => {
      const type = contentType ?? 'application/octet-stream';
      const held = Buffer.isBuffer(bytes) ? bytes : Buffer.from(String(bytes));
      const url = `data:${type};base64,${held.toString('base64')}`;
      return { name: file, type, description: said[index]?.description ?? null, size: held.byteLength, url };
    },
  );
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
