import {
  DiscordAPIError,
  HTTPError,
  RateLimitError,
  Routes,
  type RawFile,
  type REST,
  type RESTPostAPIChannelMessageJSONBody,
} from 'discord.js';
import type { Fitted } from './render/limits.ts';
import type { Picture } from './render/message.ts';

/** Messages the bot owns in a channel. They outlive every interaction token. */
export interface Chat {
  /** The same nonce within minutes gives the first message again instead of a second one. */
  post(channel: string, message: Fitted, nonce: string): Promise<string>;
  edit(channel: string, id: string, message: Fitted): Promise<void>;
  /** The thread of a message; the one that exists, when there is one. */
  openThread(channel: string, message: string, name: string): Promise<string>;
}

/** Draws; null where that fails, and then the message does without. Never rejects. */
export type Paint = (picture: Picture) => Promise<Uint8Array | null>;

/** A message ready to be sent. */
export interface Sendable extends Fitted {
  readonly image: Image | null;
}
interface Image {
  readonly name: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

/** Why the chat did not take something, as far as the sender must know. */
export type ChatFailure = 'message-gone' | 'channel-gone' | 'forbidden' | 'refused' | 'down';

const codes: Readonly<Record<number, ChatFailure>> = {
  10003: 'channel-gone',
  10008: 'message-gone',
  50001: 'forbidden',
  50013: 'forbidden',
  160005: 'forbidden',
};
const threadExists = 160004;

export function createChat(rest: REST, paint: Paint): Chat {
  return {
    async post(channel, message, nonce) {
      const ready = await painted(message, paint);
      const attachments = attachmentsOf(ready);
      const body = { ...bodyOf(ready), attachments, nonce, enforce_nonce: true };
      return parseId(await rest.post(Routes.channelMessages(channel), { body, files: filesOf(ready) }));
    },
    async edit(channel, id, message) {
      const calm = { ...message, mention: [] };
      const kept = message.picture === null ? null : await attached(channel, id, message.picture.name);
      const ready = kept === null ? await painted(calm, paint) : { ...calm, image: null };
      const attachments = [...(kept === null ? [] : [{ id: kept }]), ...attachmentsOf(ready)];
      const body = { ...bodyOf(ready, kept !== null), attachments };
      await rest.patch(Routes.channelMessage(channel, id), { body, files: filesOf(ready) });
    },
    async openThread(channel, message, name) {
      try {
        const body = { name: name.slice(0, 100), auto_archive_duration: 10_080 };
        return parseId(await rest.post(Routes.threads(channel, message), { body }));
      } catch (error) {
        // A message's thread has the id of the message.
        if (error instanceof DiscordAPIError && error.code === threadExists) return message;
        throw error;
      }
    },
  };

  /** The message says itself what it has, also after a restart: what is there is not sent again. */
  async function attached(channel: string, id: string, name: string): Promise<string | null> {
    const answer = await rest.get(Routes.channelMessage(channel, id));
    const list =
      typeof answer === 'object' && answer !== null && 'attachments' in answer && answer.attachments;
    const there: unknown = (Array.isArray(list) ? list : []).find(
      (one: unknown) => typeof one === 'object' && one !== null && 'filename' in one && one.filename === name,
    );
    return there === undefined ? null : parseId(there);
  }
}

/** Draws what a message shows. */
export async function painted(message: Fitted, paint: Paint): Promise<Sendable> {
  const { picture } = message;
  const bytes = picture === null ? null : await paint(picture);
  if (picture === null || bytes === null) return { ...message, image: null };
  return { ...message, image: { name: picture.name, description: picture.description, bytes } };
}

export function chatFailure(error: unknown): ChatFailure {
  if (error instanceof RateLimitError || error instanceof HTTPError) return 'down';
  if (!(error instanceof DiscordAPIError)) return 'down';
  const known = codes[Number(error.code)];
  if (known) return known;
  return error.status === 400 || error.status === 404 ? 'refused' : 'down';
}

/** A message as Discord's API takes it. Nobody is called but the roles it names. */
export function bodyOf(message: Sendable, isThere = false): RESTPostAPIChannelMessageJSONBody {
  const { embeds, picture, image } = message;
  const [first, ...rest] = embeds;
  const shown = (image !== null || isThere) && picture !== null && first !== undefined;
  const calls = message.mention.map((role) => `<@&${role}>`).join(' ');
  return {
    content: [calls, message.content].filter((part) => part !== '').join(' '),
    embeds: shown ? [{ ...first, image: { url: `attachment://${picture.name}` } }, ...rest] : [...embeds],
    components: [...message.components],
    allowed_mentions: { parse: [], roles: [...message.mention] },
  };
}

export function filesOf({ files, image }: Sendable): RawFile[] {
  const texts = files.map(({ name, text }) => ({
    ...{ name, data: Buffer.from(text), contentType: 'text/plain' },
  }));
  if (image === null) return texts;
  return [...texts, { name: image.name, data: Buffer.from(image.bytes), contentType: 'image/png' }];
}

/** An edit replaces the list of attachments: without it, old ones stay and new ones are refused. */
export function attachmentsOf({
  files,
  image,
}: Sendable): { id: string; filename: string; description?: string }[] {
  const texts = files.map(({ name }, index) => ({ id: String(index), filename: name }));
  if (image === null) return texts;
  return [...texts, { id: String(files.length), filename: image.name, description: image.description }];
}

export function parseId(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string')
    return answer.id;
  throw new Error('Discord answered without an id');
}
