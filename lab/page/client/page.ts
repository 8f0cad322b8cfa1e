import type { Deed, MessageView, PageView } from '../view.ts';
import { emptyComposer, type Composer, type Move } from './composer/composer.ts';
import type { Answered } from './composer/offers.ts';
import type { Marks } from './panel/marking.ts';

export type Tab = 'chat' | 'homelab' | 'tour';
export type Theme = 'light' | 'dark';

/** All that this browser knows: what the lab sent, and what its reader chose. */
export interface Page {
  readonly view: PageView | null;
  /** Who the page will be looked at as, once their first view has come: what is done meanwhile, they do. */
  readonly becoming: string | null;
  readonly lost: boolean;
  readonly theme: Theme;
  readonly tab: Tab;
  /** On narrow screens the channels lie over the messages. */
  readonly drawer: boolean;
  readonly channel: string | null;
  readonly composer: Composer;
  readonly answered: Answered | null;
  /** Comes into the message box as soon as the page is looked at as this person. */
  readonly toWrite: { readonly as: string; readonly text: string } | null;
  readonly marks: Marks;
  /** When the reader last saw a channel: by person and channel. */
  readonly seen: Readonly<Record<string, number>>;
  /** Everything older was there before the page was opened. */
  readonly since: number;
  readonly atBottom: boolean;
  readonly unreadBelow: boolean;
  /** What went wrong with the last deed. */
  readonly problem: string | null;
  /** Deeds under way, by what they are done with. */
  readonly busy: ReadonlySet<string>;
  readonly tourFolded: boolean;
  readonly confirmsReset: boolean;
  /** Told to screen readers. */
  readonly said: string;
}

export const emptyPage: Omit<Page, 'theme' | 'tourFolded'> = {
  view: null,
  becoming: null,
  lost: false,
  tab: 'chat',
  drawer: false,
  channel: null,
  composer: emptyComposer,
  answered: null,
  toWrite: null,
  marks: {},
  seen: {},
  since: 0,
  atBottom: true,
  unreadBelow: false,
  problem: null,
  busy: new Set(),
  confirmsReset: false,
  said: '',
};

/** A deed without who does it. */
export type Act = Deed extends infer Each ? (Each extends Deed ? Omit<Each, 'as'> : never) : never;

/** What the parts of the page can set off. */
export interface Does {
  readonly set: (change: Partial<Page>) => void;
  readonly act: (act: Act, about: string) => void;
  readonly become: (person: string) => void;
  readonly open: (channel: string, message: string | null) => void;
  readonly move: (move: Move) => void;
  /** Puts a text into the message box; with somebody's id after becoming them. */
  readonly write: (text: string, as?: string | null) => void;
  readonly send: () => void;
  readonly theme: () => void;
  readonly foldTour: () => void;
}

/** The page and what it can do, as the parts that draw it get them. */
export interface Shown {
  readonly page: Page;
  readonly view: PageView;
  readonly does: Does;
}

/** The channel that is open: the chosen one while it is there. */
export function openChannel({
  channel,
  view,
}: Pick<Page, 'channel' | 'view'>): PageView['channels'][number] | null {
  return view?.channels.find(({ id }) => id === channel) ?? view?.channels[0] ?? null;
}

/** Messages the reader has not seen, of a channel or of all. */
export function unseen({ view, seen, since }: Page, channel?: string): readonly MessageView[] {
  if (view === null) return [];
  return view.messages.filter(
    (message) =>
      (channel === undefined || message.channel === channel) &&
      message.author.id !== view.me &&
      message.at > (seen[seenKey(view.me, message.channel)] ?? since),
  );
}

export function seenKey(person: string, channel: string): string {
  return `${person} ${channel}`;
}
