import type { StoredMessage } from '../../data/index.ts';
import type { Message } from '../render/message.ts';

/** Something told in the channel: one card that is kept up to date and, below it, chapters that are added. */
export interface Tale {
  /** The key of its row in `messages`. */
  readonly key: string;
  /** What there is to tell now, read from the store; null while there is nothing. */
  read(stored: StoredMessage): Telling | null;
}
export interface Telling {
  readonly card: Message;
  readonly threadName: string;
  readonly chapters: readonly { readonly seq: number; readonly message: Message }[];
  /** True once neither card nor chapters will change any more. */
  readonly over: boolean;
}
