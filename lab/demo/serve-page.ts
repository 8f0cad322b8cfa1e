import { startPage, type Page } from '../page/start-page.ts';
import { openLab } from './open-lab.ts';

const usualPort = 8788;
const triedPorts = 20;

/** Shows the lab as a page until somebody stops it; answers the exit code. */
export async function servePage(port: number | null): Promise<number> {
  const stopped = stopSignal();
  const opening = port === null ? startOnFreePort(usualPort) : startOn(port);
  const first = await Promise.race([opening, stopped]);
  if (first !== 'stop') {
    process.stdout.write('  It is ready.\n');
    await stopped;
  }
  process.stdout.write('\nClosing the lab…\n');
  await (await opening).close();
  return 0;
}

/** The first Ctrl-C ends everything properly, the second one at once. */
function stopSignal(): Promise<'stop'> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve('stop');
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  });
}

/** Its address is told at once; the page says that the lab is being set up. */
function startOn(port: number): Promise<Page> {
  return startPage({
    ...{ open: openLab, port },
    listening: (url) =>
      void process.stdout.write(
        `\n  Sentinel's lab is at ${url}\n\n  It is being set up, which takes a few seconds. Stop it with Ctrl-C.\n`,
      ),
  });
}

async function startOnFreePort(first: number): Promise<Page> {
  for (let port = first; ; port += 1)
    try {
      return await startOn(port);
    } catch (error) {
      if (!isTaken(error) || port >= first + triedPorts) throw error;
    }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}
