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
  const stick = () => {
    if (pinned && box !== null) box.scrollTop = box.scrollHeight;
  };
  const grown = new ResizeObserver(stick);
  const attach = (found: HTMLElement) => {
    box = found;
    box.addEventListener('scroll', () => {
      const atBottom = found.scrollHeight - found.scrollTop - found.clientHeight < NEAR;
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
