import type { PageView } from '../view.ts';

const AGAIN_MS = 1500;

/** A stream of views for one person; it goes on after a break. */
export interface Connection {
  close(): void;
}

export interface Listener {
  readonly view: (view: PageView) => void;
  /** The stream broke, or the server does not know who looks. */
  readonly lost: () => void;
}

/** What a stream of the browser tells. */
export interface Told {
  readonly view: (view: PageView) => void;
  readonly broken: () => void;
}
/** Opens the browser's stream as somebody; it does not try again by itself. */
export type OpenStream = (as: string | null, told: Told) => Connection;

/** Follows the views of one person until it is closed, over breaks of the stream and restarts of the lab. */
export function followViews(as: string | null, listener: Listener, openStream: OpenStream): Connection {
  let again: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  /** By name as soon as it is known: after a restart everybody has another id. */
  let who = as;
  let stream = open();
  function open(): Connection {
    return openStream(who, {
      view: (view) => {
        if (closed) return;
        who = nameOf(view, view.me) ?? who;
        listener.view(view);
      },
      broken: () => {
        if (closed) return;
        stream.close();
        clearTimeout(again);
        again = setTimeout(() => (stream = open()), AGAIN_MS);
        // Last: it may close this connection for another one.
        listener.lost();
      },
    });
  }
  return {
    close: () => {
      closed = true;
      clearTimeout(again);
      stream.close();
    },
  };
}

/** The name of somebody who can be played. */
export function nameOf({ people }: PageView, person: string): string | null {
  return people.find(({ id }) => id === person)?.name ?? null;
}
