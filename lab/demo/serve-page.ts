import { startPage, type Page } from '../page/start-page.ts';
import { openLab } from './open-lab.ts';

const usualPort = 8788;
const triedPorts = 20;

/** Shows the lab as a page until somebody stops it; answers the exit code. */
export async function servePage(port: number | null): Promise<number> {
  const stopped = stopSignal();
  process.stdout.write('Opening the lab…\n');
  const opening = port === null ? startOnFreePort(usualPort) : startPage({ open: openLab, port });
  const first = await Promise.race([opening, stopped]);
  if (first !== 'stop') {
    process.stdout.write(`\n  Sentinel's lab is at ${first.url}\n\n  Stop it with Ctrl-C.\n`);
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

async function startOnFreePort(first: number): Promise<Page> {
  for (let port = first; ; port += 1)
    try {
      return await startPage({ open: openLab, port });
    } catch (error) {
      if (!isTaken(error) || port >= first + triedPorts) throw error;
    }
}

function isTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}
