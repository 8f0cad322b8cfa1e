import type { MessageView, PageView } from '../view.ts';
import { segmentsOf, type Segments } from './markdown/segments.ts';

/** What is told to somebody who does not see the page: new cards, and cards whose title changed. */
export function newsOf(before: PageView | null, after: PageView): readonly string[] {
  if (before?.life !== after.life || before.me !== after.me) return [];
  const old = new Map(before.messages.map((message) => [message.id, headlineOf(message)]));
  return after.messages
    .filter((message) => message.author.id !== after.me && !message.loading)
    .flatMap((message) => {
      const headline = headlineOf(message);
      return headline === '' || headline === old.get(message.id)
        ? []
        : [`${message.author.name}: ${headline}`];
    });
}

function headlineOf({ embeds, content }: MessageView): string {
  return plain(segmentsOf(embeds[0]?.title ?? content)).trim();
}

function plain(segments: Segments): string {
  return segments
    .map((segment) => {
      if (segment.kind === 'text' || segment.kind === 'code') return segment.text;
      return 'inside' in segment ? plain(segment.inside) : ' ';
    })
    .join('');
}
