import type { PageView } from '../view.ts';
import { emptyComposer } from './composer/composer.ts';
import { newsOf } from './news.ts';
import { openChannel, type Page } from './page.ts';
import { markSystems } from './panel/marking.ts';

/** What changes in the page when the lab sends what it holds now. */
export function received(page: Page, view: PageView, now: number): Partial<Page> {
  const before = page.view;
  const anew = before?.life !== view.life;
  const news = newsOf(before, view);
  const channel = openChannel({ view, channel: page.channel })?.id ?? null;
  return {
    view,
    becoming: null,
    lost: false,
    marks: markSystems(anew ? null : page.marks, view.systems, now),
    ...(news.length === 0 ? {} : { said: news.join('. ') }),
    ...(grew(before, view, channel) && !page.atBottom ? { unreadBelow: true } : {}),
    ...(anew ? newLife(view) : {}),
  };
}

function newLife(view: PageView): Partial<Page> {
  return {
    channel: null,
    composer: emptyComposer,
    answered: null,
    seen: {},
    since: Math.max(0, ...view.messages.map(({ at }) => at)),
    atBottom: true,
    unreadBelow: false,
    problem: null,
    confirmsReset: false,
    busy: new Set(),
  };
}

/** Whether somebody else wrote something new in the open channel. */
function grew(before: PageView | null, after: PageView, channel: string | null): boolean {
  if (before?.me !== after.me) return false;
  const known = new Set(before.messages.map(({ id }) => id));
  return after.messages.some((message) => message.channel === channel && !known.has(message.id));
}
