import { serviceOf, type KnownService, type News } from '../watchtower/news.ts';
import { colour, type Message } from './message.ts';
import { count, fence, words } from './text.ts';

const mostNames = 5;

/** What Watchtower did, and what that means for services Git describes. */
export function renderWatchtower(news: News, services: readonly KnownService[]): Message {
  const { title, message, updated } = news;
  const own = [...new Set(updated.flatMap((container) => serviceOf(container, services) ?? []))];
  return {
    embeds: [
      {
        title:
          updated.length === 0
            ? `🔭 ${words(title ?? 'Watchtower')}`
            : `🔭 Watchtower updated ${namesOf(updated)}`,
        colour: own.length > 0 ? colour.warning : colour.neutral,
        description: [...own.slice(0, mostNames).map(driftLine), fence(message)].join('\n'),
        ...(updated.length > 0 && title !== null ? { footer: title } : {}),
      },
    ],
  };
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(words).join(', ');
  return names.length > mostNames ? `${shown} and ${count(names.length - mostNames, 'other')}` : shown;
}

function driftLine(service: string): string {
  const name = words(service);
  return `**${name}** now runs another image than the one Sentinel deployed. \`/status service:${service}\` shows what differs from Git.`;
}
