// A process of its own that works on a store, told by its arguments what to do.
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { openStore, verifyAudit } from '../../../data/index.ts';
import type { Clock, Log } from '../../../engine/index.ts';

const [task = '', file = '', name = 'd1', ...rest] = process.argv.slice(2);
const clock: Clock = { now: () => new Date(), wait: () => Promise.reject(new Error('not used')) };
const silent = (): void => undefined;
const log: Log = { debug: silent, info: silent, warn: silent, error: silent, child: () => log };
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  await run();
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  if (task === 'hold') return hold();
  if (task === 'verify') {
    say(JSON.stringify(verifyAudit(file)));
    return;
  }
  const store = openStore({ file, clock, log });
  const actor = { id: `cli:${name}`, name, roles: [] };
  say('open');
  switch (task) {
    case 'open':
      break;
    // Appends audit rows until it is killed or cannot.
    case 'append-for-ever':
      for (let count = 1; ; count += 1) {
        store.audit.append({ actor, action: 'denied', detail: { count, filler: 'x'.repeat(2000) } });
        if (count === 20) say('busy');
      }
    // Appends events of one deployment until it is killed.
    case 'journal-for-ever': {
      const event: unknown = JSON.parse(rest[0] ?? '{}');
      store.journal.append(event as Parameters<typeof store.journal.append>[0]);
      for (let seq = 2; ; seq += 1) {
        const at = clock.now().toISOString();
        const did = ['x'.repeat(5000)];
        store.journal.append({
          deployment: name,
          seq,
          at,
          type: 'step-done',
          step: 's',
          phase: 'forward',
          did,
        });
        if (seq === 20) say('busy');
      }
    }
    case 'append':
      for (let count = 1; count <= Number(rest[0]); count += 1)
        store.audit.append({ actor, action: 'denied', detail: { count } });
      break;
    case 'move':
      await nextLine();
      say(String(store.proposals.move(rest[0] ?? '', ['pending'], 'running', { deployment: name })));
      break;
    case 'acquire':
      await nextLine();
      say('asking');
      say(JSON.stringify(store.locks.acquire(rest, { id: name, who: name, reason: 'test' }, 60).held));
      break;
    default:
      throw new Error(`unknown task ${task}`);
  }
  store.close();
}

/** Holds a write transaction open until a line arrives on standard input. */
async function hold(): Promise<void> {
  const raw = new Database(file);
  raw.exec('BEGIN IMMEDIATE');
  say('holding');
  await nextLine();
  raw.exec('COMMIT');
  raw.close();
  say('released');
}

function nextLine(): Promise<string> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    lines.once('line', (line) => {
      lines.close();
      resolve(line);
    });
  });
}
