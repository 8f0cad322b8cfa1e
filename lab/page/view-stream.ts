import type { IncomingMessage, ServerResponse } from 'node:http';

/** Between two views on one stream. */
const PAUSE_MS = 50;
const HEARTBEAT_MS = 15_000;

export interface StreamParts {
  /** The whole view as JSON. */
  readonly view: () => string;
  readonly watch: (listener: () => void) => () => void;
  /** A view could not be made; the stream goes on. */
  readonly report: (error: unknown) => void;
}

/** Sends a view at once, and again whenever it is another one, as server-sent events; returns what ends the stream. */
export function streamViews(
  request: IncomingMessage,
  response: ServerResponse,
  { view, watch, report }: StreamParts,
): () => void {
  let sent = '';
  let sentAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const send = (): void => {
    timer = undefined;
    // A slow reader gets what is true when it has caught up, not everything in between.
    if (response.writableNeedDrain) return;
    const now = viewOrNull();
    if (now === null || now === sent) return;
    sent = now;
    sentAt = performance.now();
    response.write(`data: ${now}\n\n`);
  };
  const viewOrNull = (): string | null => {
    try {
      return view();
    } catch (error) {
      report(error);
      return null;
    }
  };
  const soon = (): void => {
    timer ??= setTimeout(send, Math.max(0, sentAt + PAUSE_MS - performance.now()));
  };

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write('retry: 1000\n\n');
  send();
  const unwatch = watch(soon);
  const heartbeat = setInterval(() => response.write(':\n\n'), HEARTBEAT_MS);
  response.on('drain', soon);
  const end = (): void => {
    unwatch();
    clearInterval(heartbeat);
    clearTimeout(timer);
    response.end();
  };
  request.on('close', end);
  response.on('error', end);
  return end;
}
