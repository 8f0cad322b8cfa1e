import type { Message } from '../../../bot/render/message.ts';

/** One kind of message the bot sends, with an example made by the bot's own renderer. */
export interface Kind {
  /** Also the name of its picture. */
  readonly name: string;
  readonly title: string;
  /** When somebody sees it, in a sentence. */
  readonly when: string;
  /** In the channel, in a deployment's thread, or only by the person who asked. */
  readonly seen: 'channel' | 'thread' | 'privately';
  /** The slash command it answers. */
  readonly command?: string;
  readonly message: Message;
}

/** The moment at which the pictures are looked at; what they tell happened in the minutes before. */
export const now = '2026-03-01T10:02:00.000Z';

/** So many seconds after the fixtures' story began. */
export function at(second: number): string {
  return new Date(Date.parse('2026-03-01T10:00:00.000Z') + second * 1000).toISOString();
}
