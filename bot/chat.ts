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

/** Messages the bot owns in a channel. They outlive every interaction token. */
export interface Chat {
  /** The same nonce within minutes gives the first message again instead of a second one. */
  post(channel: string, message: Fitted, nonce: string): Promise<string>;
  edit(channel: string, id: string, message: Fitted): Promise<void>;
  /** The thread of a message; the one that exists, when there is one. */
  openThread(channel: string, message: string, name: string): Promise<string>;
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

export function createChat(rest: REST): Chat {
  return {
    async post(channel, message, nonce) {
      const body = { ...bodyOf(message), nonce, enforce_nonce: true };
      return parseId(await rest.post(Routes.channelMessages(channel), { body, files: filesOf(message) }));
    },
    async edit(channel, id, message) {
      const body = { ...bodyOf({ ...message, mention: [] }), attachments: attachmentsOf(message) };
      await rest.patch(Routes.channelMessage(channel, id), { body, files: filesOf(message) });
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
}

export function chatFailure(error: unknown): ChatFailure {
  if (error instanceof RateLimitError || error instanceof HTTPError) return 'down';
  if (!(error instanceof DiscordAPIError)) return 'down';
  const known = codes[Number(error.code)];
  if (known) return known;
  return error.status === 400 || error.status === 404 ? 'refused' : 'down';
}

/** A message as Discord's API takes it. Nobody is called but the roles it names. */
export function bodyOf(message: Fitted): RESTPostAPIChannelMessageJSONBody {
  const calls = message.mention.map((role) => `<@&${role}>`).join(' ');
  return {
    content: [calls, message.content].filter((part) => part !== '').join(' '),
    embeds: [...message.embeds],
    components: [...message.components],
    allowed_mentions: { parse: [], roles: [...message.mention] },
  };
}

export function filesOf({ files }: Fitted): RawFile[] {
  return files.map(({ name, text }) => ({ name, data: Buffer.from(text), contentType: 'text/plain' }));
}

/** An edit replaces the list of attachments: without it, old ones stay and new ones are refused. */
export function attachmentsOf({ files }: Fitted): { id: string; filename: string }[] {
  return files.map(({ name }, index) => ({ id: String(index), filename: name }));
}

export function parseId(answer: unknown): string {
  if (typeof answer === 'object' && answer !== null && 'id' in answer && typeof answer.id === 'string')
    return answer.id;
  throw new Error('Discord answered without an id');
}
