import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { listen } from '../listen.ts';
import { projectFile } from '../project-file.ts';
import { createLives } from './lives.ts';
import type { PageLab } from './page-lab.ts';
import { createRoutes } from './routes.ts';

export interface PageOptions {
  /** Opens a life of the lab: at the start, and at every reset after the one before was closed. */
  readonly open: () => Promise<PageLab>;
  /** 0: any that is free. */
  readonly port: number;
  /** The built client's folder; dist/lab/page/client unless told. */
  readonly client?: string;
  /** Is told of what went wrong on this side; the process's standard error unless told. */
  readonly log?: (text: string) => void;
  /** Is told where the page is as soon as it can be looked at; it waits there for the first life. */
  readonly listening?: (url: string) => void;
}

/** The lab as a web page on loopback. */
export interface Page {
  readonly url: string;
  /** This life; throws while one begins. */
  lab(): PageLab;
  /** The lab begins anew, and every open page with it. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startPage(options: PageOptions): Promise<Page> {
  const { open, log = (text) => void process.stderr.write(`${text}\n`) } = options;
  const client = options.client ?? projectFile('dist/lab/page/client');
  const report = (error: unknown): void =>
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const server = createServer();
  // Before the lab is opened, which takes a while and would be for nothing.
  const port = await take(server, options.port);
  try {
    if (!existsSync(join(client, 'index.html')))
      throw new Error('The page is not built yet; “npm run build:page” builds it.');
    const opening = createLives({ open, report });
    const routes = createRoutes({ opening, client, report });
    server.on('request', routes.answer);
    const url = `http://127.0.0.1:${port}`;
    options.listening?.(url);
    const lives = await opening;
    return {
      url,
      lab: () => lives.current().lab,
      reset: lives.reset,
      async close() {
        routes.endStreams();
        await stop(server);
        await lives.close();
      },
    };
  } catch (error) {
    await stop(server);
    throw error;
  }
}

async function take(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, port);
  } catch (error) {
    const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!taken) throw error;
    throw new Error(`Port ${port} on 127.0.0.1 is taken by another program; please name another one.`, {
      cause: error,
    });
  }
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
