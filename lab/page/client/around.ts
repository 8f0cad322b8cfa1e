import type { PageView } from '../view.ts';

/** What a person can do from inside a message. */
export interface Acts {
  readonly click: (message: string, button: string) => void;
  readonly choose: (message: string, select: string, values: readonly string[]) => void;
  readonly dismiss: (id: string) => void;
  /** Shows a channel, and a message of it. */
  readonly open: (channel: string, message: string | null) => void;
  /** Puts a command into the message box. */
  readonly use: (command: string) => void;
}

/** For pictures, in which nothing can be done. */
export const noActs: Acts = {
  click: () => undefined,
  choose: () => undefined,
  dismiss: () => undefined,
  open: () => undefined,
  use: () => undefined,
};

/** What the text of a message refers to, and what it can set off. */
export interface Around extends Pick<PageView, 'names' | 'people' | 'me' | 'bot'> {
  readonly now: number;
  readonly acts: Acts;
  /** Buttons that were pressed and not answered yet: `<message> <button>`. */
  readonly busy?: ReadonlySet<string>;
}
