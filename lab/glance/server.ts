import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Inside } from '../host/program.ts';
import { putIncludes } from './includes.ts';
import { createGlanceProgram } from './program.ts';

export interface GlanceServerOptions {
  /** The main file, as `read` knows it. */
  readonly main: string;
  /** Text of a file, wherever it is: on this disk or on another machine. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly env?: Readonly<Record<string, string>>;
  /** How often files are looked at. Default 20. */
  readonly everyMs?: number;
}
export interface GlanceServer {
  readonly url: string;
  /** What it said, oldest first. */
  readonly said: readonly string[];
  close(): Promise<void>;
}

/** The stand-in on a port of its own, for configurations on machines that cannot run it. Rejects when it would not start. */
export async function startGlanceServer(options: GlanceServerOptions): Promise<GlanceServer> {
  const { main, read, env = {}, everyMs = 20 } = options;
  const said: string[] = [];
  let texts = await gather(main, read);
  const ends: number[] = [];
  const inside: Inside = {
    env,
    read: (path) => texts.get(path),
    say: (text) => void said.push(text),
    exit: (code) => void ends.push(code),
  };
  const running = createGlanceProgram({ everyMs, main }).start(inside);
  if (ends.length > 0) throw new Error(said.at(-1));
  let looking: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(async () => void (texts = await gather(main, read))).catch(() => undefined); // looked at again
  }, everyMs);
  const server = createServer((request, response) => {
    const answer = running.answer(8080, request.url ?? '/') ?? { status: 503, body: '' };
    response.writeHead(answer.status, { 'content-type': 'text/html', connection: 'close' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    said,
    async close() {
      clearInterval(timer);
      running.stop();
      server.closeAllConnections();
      await Promise.all([looking, new Promise((resolve) => server.close(resolve))]);
    },
  };
}

/** The main file and all it includes. */
async function gather(main: string, read: GlanceServerOptions['read']): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const absent = new Set<string>();
  for (;;) {
    const wanted = new Set<string>();
    putIncludes(main, (path) => {
      if (!texts.has(path) && !absent.has(path)) wanted.add(path);
      return texts.get(path) ?? '';
    });
    if (wanted.size === 0) return texts;
    for (const path of wanted) {
      const text = await read(path);
      if (text === undefined) absent.add(path);
      else texts.set(path, text);
    }
  }
}
