/** Keeps the newest message in sight while the reader is at the bottom, also when pictures make messages grow. */
export interface Scrolling {
  /** After every drawing. */
  follow(atBottom: boolean): void;
  /** To a message, which is pointed out for a moment. */
  show(message: string): boolean;
}

const NEAR = 40;

export function createScrolling(onScroll: (atBottom: boolean) => void): Scrolling {
  let box: HTMLElement | null = null;
  let pinned = true;
  let before = { top: 0, height: 0 };
  const stick = () => {
    if (!pinned || box === null) return;
    box.scrollTop = box.scrollHeight;
    before = { top: box.scrollTop, height: box.scrollHeight };
  };
  const grown = new ResizeObserver(stick);
  const attach = (found: HTMLElement) => {
    box = found;
    box.addEventListener('scroll', () => {
      const { scrollTop: top, scrollHeight: height, clientHeight } = found;
      const wentUp = top < before.top && height >= before.height;
      before = { top, height };
      // Messages that grew after the last scrolling are no wish to leave the bottom.
      const atBottom = height - top - clientHeight < NEAR || (pinned && !wentUp);
      if (atBottom && pinned) stick();
      if (atBottom === pinned) return;
      pinned = atBottom;
      onScroll(atBottom);
    });
  };
  return {
    follow: (atBottom) => {
      pinned = atBottom;
      const found = document.getElementById('messages');
      if (found !== null && found !== box) attach(found);
      grown.disconnect();
      if (box !== null) for (const each of [box, ...box.children]) grown.observe(each);
      stick();
    },
    show: (message) => {
      const element = document.getElementById(`message-${message}`);
      if (element === null) return false;
      element.scrollIntoView({ block: 'center' });
      element.focus({ preventScroll: true });
      return true;
    },
  };
}
