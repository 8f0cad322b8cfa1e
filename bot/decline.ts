import type { Answer } from './answer.ts';
import { parseCustomId } from './buttons.ts';
import type { Asks } from './incoming.ts';
import { colour, type Message } from './render/message.ts';
import { renderProblems } from './render/problem.ts';

/** Answers privately and does nothing else. */
export async function decline(answer: Answer, message: Message): Promise<void> {
  await answer.deferReply();
  await answer.show(message);
}

export const restarting: Message = {
  embeds: [
    {
      title: '🔄 Sentinel is restarting',
      colour: colour.quiet,
      description:
        'Try again in a minute. Nothing was changed; what runs comes to its end, and *Abort* still works.',
    },
  ],
};

export const elsewhere: Message = renderProblems([
  { code: 'not-allowed', message: 'This Sentinel does not work for this server.' },
]);

/** The one thing that still counts while the bot stops. */
export function isAbort(asks: Asks): boolean {
  return asks.kind === 'button' && parseCustomId(asks.customId)?.action === 'abort';
}
