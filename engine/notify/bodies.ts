import type { Outcome } from '../types.ts';
import { escapeDiscord } from './escape-discord.ts';
import type { Announcement } from './announcement.ts';
import { fitBytes } from './one-line.ts';
import { wordingOf } from './wording.ts';

const colours = {
  succeeded: 0x57f287,
  degraded: 0xe67e22,
  'rolled-back': 0xe67e22,
  failed: 0xed4245,
  'needs-attention': 0xed4245,
  cancelled: 0x95a5a6,
} as const satisfies Record<Outcome, number>;

/** A message of a Discord webhook. The title is in the content, since a phone's notification shows no embed. */
export function discordBody(announcement: Announcement): object {
  const { symbol, title, lines, footer, link } = wordingOf(announcement);
  const linked = link === null ? '' : `\n[${escapeDiscord(link.text)}](${link.url})`;
  return {
    username: 'Sentinel',
    content: `${symbol} **${escapeDiscord(title)}**`,
    embeds: [
      {
        description: `${cut(lines.map(escapeDiscord).join('\n'), 4096 - linked.length)}${linked}`,
        color: colours[announcement.outcome],
        footer: { text: footer },
        timestamp: announcement.finishedAt,
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** ntfy shows a tag that names an emoji before the title, so the title has no symbol of its own. */
const urgency = {
  succeeded: { priority: 3, tag: 'white_check_mark' },
  degraded: { priority: 4, tag: 'orange_circle' },
  'rolled-back': { priority: 4, tag: 'leftwards_arrow_with_hook' },
  failed: { priority: 4, tag: 'x' },
  'needs-attention': { priority: 5, tag: 'rotating_light' },
  cancelled: { priority: 2, tag: 'no_entry_sign' },
} as const satisfies Record<Outcome, { readonly priority: number; readonly tag: string }>;

/** ntfy turns a longer message into an attachment. */
const ntfyBytes = 4096;

/** Published as JSON to the server's root: headers could not carry every letter. */
export function ntfyBody(announcement: Announcement, topic: string): object {
  const { title, lines, footer, link } = wordingOf(announcement);
  const { priority, tag } = urgency[announcement.outcome];
  const tail = `\n${footer}`;
  return {
    topic,
    title: fitBytes(title, 250),
    message: `${fitBytes(lines.join('\n'), ntfyBytes - Buffer.byteLength(tail))}${tail}`,
    priority,
    tags: [tag],
    ...(link === null ? {} : { click: link.url }),
  };
}

/** For programs, with a sentence for whoever shows it to people. */
export function webhookBody(announcement: Announcement): object {
  const { symbol, title } = wordingOf(announcement);
  return { ...announcement, title: `${symbol} ${title}` };
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF\\]$/, '')}…`;
}
