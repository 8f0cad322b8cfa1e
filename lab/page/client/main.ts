import { render } from 'lit';
import type { PageView } from '../view.ts';
import { appTemplate } from './app.ts';
import { followOffers } from './composer/combobox.ts';
import { connect } from './connection.ts';
import { createDoes, type Store } from './does.ts';
import { followDialog } from './dialog.ts';
import { nameOf, type Connection } from './follow-views.ts';
import { keepMe, recall, recallMe } from './kept.ts';
import { tickTimes } from './markdown/markdown.ts';
import { emptyPage, openChannel, seenKey, unseen, type Page, type Theme } from './page.ts';
import './page.css';
import { markSystems, nextEnd } from './panel/marking.ts';
import { received } from './received.ts';
import { createScrolling } from './scrolling.ts';

const light = matchMedia('(prefers-color-scheme: light)');
const chosen = recall('theme');
const theme: Theme = chosen === 'light' || chosen === 'dark' ? chosen : light.matches ? 'light' : 'dark';

let page: Page = { ...emptyPage, theme, tourFolded: recall('tour') === 'folded' };
let scheduled = false;
let connection: Connection;
let unmark: ReturnType<typeof setTimeout> | undefined;
/** A message that is to be shown as soon as it is drawn. */
let wanted: string | null = null;

const store: Store = { page: () => page, set, reconnect, want: (message) => (wanted = message) };
const does = createDoes(store);
const scrolling = createScrolling((atBottom) => {
  set({ atBottom, ...(atBottom ? { unreadBelow: false } : {}) });
});

function set(change: Partial<Page>): void {
  page = { ...page, ...change };
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(draw);
}

function draw(): void {
  scheduled = false;
  markSeen();
  document.documentElement.dataset['theme'] = page.theme;
  render(appTemplate(page, does), document.body);
  followOffers(page.composer);
  followDialog();
  scrolling.follow(page.atBottom && wanted === null);
  const pings = unseen(page).filter(({ callsMe }) => callsMe).length;
  document.title = `${pings > 0 ? `(${pings}) ` : ''}${page.view?.bot.name ?? 'Sentinel'} lab`;
  if (wanted !== null) requestAnimationFrame(showWanted);
}

/** The components draw themselves a moment later. */
function showWanted(): void {
  if (wanted !== null && scrolling.show(wanted)) wanted = null;
}

function markSeen(): void {
  const { view } = page;
  const channel = openChannel(page);
  if (view === null || channel === null || document.hidden) return;
  const newest = view.messages.reduce(
    (at, each) => (each.channel === channel.id ? Math.max(at, each.at) : at),
    0,
  );
  page = { ...page, seen: { ...page.seen, [seenKey(view.me, channel.id)]: newest } };
}

function onView(view: PageView): void {
  // After a restart everybody has another id.
  keepMe(nameOf(view, view.me));
  set(received(page, view, Date.now()));
  clearTimeout(unmark);
  scheduleUnmark();
  const { toWrite } = page;
  if (toWrite?.as !== view.me) return;
  set({ toWrite: null });
  does.write(toWrite.text);
}

/** Takes marks away when their time is over. */
function scheduleUnmark(): void {
  const end = nextEnd(page.marks);
  if (end === null) return;
  unmark = setTimeout(
    () => {
      set({ marks: markSystems(page.marks, page.view?.systems ?? [], Date.now()) });
      scheduleUnmark();
    },
    Math.max(0, end - Date.now()) + 50,
  );
}

function onLost(): void {
  // Somebody of another lab is unknown to this one; without a name it shows its first person.
  if (page.view === null && recallMe() !== null) {
    keepMe(null);
    reconnect(null);
  } else set({ lost: true });
}

function reconnect(as: string | null): void {
  connection.close();
  const name = page.view === null ? null : nameOf(page.view, as ?? '');
  connection = connect(name ?? as, { view: onView, lost: onLost });
}

connection = connect(recallMe(), { view: onView, lost: onLost });
light.addEventListener('change', ({ matches }) => {
  if (recall('theme') === null) set({ theme: matches ? 'light' : 'dark' });
});
document.addEventListener('visibilitychange', () => set({}));
setInterval(() => tickTimes(document.body, Date.now()), 1000);
set({});
