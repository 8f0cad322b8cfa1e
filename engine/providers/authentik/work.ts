import type { Api } from './api.ts';
import type { Settling } from './outpost.ts';

/** One change under way: what it did so far, and how to take that back. */
export interface Work {
  readonly api: Api;
  readonly settling: Settling;
  readonly signal: AbortSignal;
  /** The service it is for. */
  readonly service: string;
  readonly did: string[];
  /** What takes each write back, to be done last first. Noted before the write, as its answer may get lost. */
  readonly back: ((api: Api) => Promise<void>)[];
}

/** Takes everything back, on a signal of its own. Answers whether all of it worked. */
export async function takeBack({ api, back }: Work): Promise<boolean> {
  const calm = api.calm();
  let clean = true;
  for (const undo of back.toReversed())
    await undo(calm).catch(() => {
      clean = false;
    });
  return clean;
}
