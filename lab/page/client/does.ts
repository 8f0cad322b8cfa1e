import { checkComposer } from './composer/check.ts';
import { leavesOf, writeCommandLine } from './composer/command-line.ts';
import { decide, type Move } from './composer/composer.ts';
import { suggestQueryOf } from './composer/offers.ts';
import { doDeed, suggest } from './connection.ts';
import { keep, keepMe } from './kept.ts';
import { openChannel, type Act, type Does, type Page } from './page.ts';

/** Where the page is kept. */
export interface Store {
  readonly page: () => Page;
  readonly set: (change: Partial<Page>) => void;
  readonly reconnect: (as: string | null) => void;
  /** Shows a message as soon as it is drawn. */
  readonly want: (message: string | null) => void;
}

const PAUSE_MS = 120;

/** What a person can set off on the page. */
export function createDoes(store: Store): Does {
  const { page, set } = store;
  const asks = createAsking(store);
  const move = (what: Move) => {
    const leaves = leavesOf(page().view?.commands ?? []);
    set({ composer: decide(page().composer, what, leaves), problem: null });
    asks();
    // The list and the chips were pressed; what is typed next belongs into the box.
    if (what.do !== 'type') focusBox();
  };
  const act = (what: Act, about: string) => void perform(store, what, about);
  const become = (person: string) => {
    keepMe(person);
    set({
      becoming: person,
      problem: null,
      answered: null,
      toWrite: null,
      atBottom: true,
      unreadBelow: false,
    });
    store.reconnect(person);
  };
  return {
    set,
    act,
    move,
    become,
    open: (channel, message) => {
      store.want(message);
      set({ channel, tab: 'chat', drawer: false, atBottom: message === null, unreadBelow: false });
    },
    write: (text, as = null) => {
      set({ tab: 'chat', drawer: false });
      if (as === null || as === page().view?.me) write(text, move);
      else {
        become(as);
        set({ toWrite: { as, text } });
      }
    },
    send: () => send(store, { move, act }),
    theme: () => {
      const theme = page().theme === 'dark' ? 'light' : 'dark';
      keep('theme', theme);
      set({ theme });
    },
    foldTour: () => {
      const tourFolded = !page().tourFolded;
      keep('tour', tourFolded ? 'folded' : 'open');
      set({ tourFolded });
    },
  };
}

/** Complete as it is, so that Enter sends it. */
function write(text: string, move: Does['move']): void {
  move({ do: 'clear' });
  move({ do: 'type', text });
  move({ do: 'settle' });
}

function focusBox(): void {
  queueMicrotask(() => {
    const box = document.getElementById('message-box');
    if (!(box instanceof HTMLInputElement)) return;
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  });
}

async function perform({ page, set }: Store, what: Act, about: string): Promise<void> {
  const as = page().becoming ?? page().view?.me ?? '';
  // Whoever says or presses something sees what comes of it, which is at the end.
  if (['command', 'say', 'click', 'submit'].includes(what.do)) set({ atBottom: true, unreadBelow: false });
  set({ busy: new Set([...page().busy, about]), problem: null });
  const problem = await doDeed({ ...what, as });
  const busy = new Set(page().busy);
  busy.delete(about);
  set({ busy, problem });
}

function send({ page }: Store, { move, act }: Pick<Does, 'move' | 'act'>): void {
  const channel = openChannel(page())?.id;
  if (channel === undefined) return;
  const { composer } = page();
  const checked = checkComposer(composer);
  switch (checked.kind) {
    case 'nothing':
      return;
    case 'wrong':
      move({ do: 'fail', problem: checked.problem, option: checked.option });
      return;
    case 'message':
      move({ do: 'sent', line: '' });
      act({ do: 'say', channel, text: checked.text }, 'say');
      return;
    case 'command': {
      const { name, options, chips } = checked;
      move({ do: 'sent', line: composer.command === null ? '' : writeCommandLine(composer.command, chips) });
      act({ do: 'command', channel, name, options }, 'command');
    }
  }
}

/** Asks the bot while an option is typed, after a pause; an answer that comes too late is dropped. */
function createAsking({ page, set }: Store): () => void {
  let asked = '';
  let pause: ReturnType<typeof setTimeout> | undefined;
  return () => {
    const { view, composer, answered } = page();
    const query = suggestQueryOf(composer, { as: view?.me ?? '', channel: openChannel(page())?.id ?? '' });
    const wanted = JSON.stringify(query);
    if (wanted === asked) return;
    asked = wanted;
    clearTimeout(pause);
    if (query === null) return;
    if (answered?.option !== query.focused) set({ answered: null });
    pause = setTimeout(() => {
      void suggest(query).then((suggestions) => {
        if (wanted === asked) set({ answered: { option: query.focused, suggestions } });
      });
    }, PAUSE_MS);
  };
}
