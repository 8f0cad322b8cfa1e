import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AuthentikSystem } from '../../../engine/index.ts';
import { createClock } from '../../../engine/providers/clock.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';
import { createSystemClients } from '../../../engine/providers/systems.ts';
import type { SystemClients } from '../../../engine/system-ports/index.ts';
import { quietLog } from '../../../lab/quiet-log.ts';
import { eventually } from '../../eventually.ts';

let clients: SystemClients | undefined;
let server: Server | undefined;
afterEach(async () => {
  await clients?.close();
  server?.closeAllConnections();
  server?.close();
  [clients, server] = [undefined, undefined];
});

/** A server that keeps connections open, and adapters of it. */
async function open() {
  const listening = (server = createServer((_, response) => void response.writeHead(503).end('{}')));
  listening.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  const secrets = createSecrets({ env: { TOKEN: 'a token' }, directory: null });
  const made = (clients = createSystemClients({ secrets, clock: createClock(), log: quietLog }));
  const system = (outpost: string): AuthentikSystem => ({
    ...{ url: `http://127.0.0.1:${port}`, token: 'TOKEN', outpost, outpostUrl: '', ca: null },
    ...{ authorizationFlow: '', invalidationFlow: '' },
  });
  const ask = (outpost: string) =>
    made
      .signOn(system(outpost))
      .list([], AbortSignal.timeout(10_000))
      .catch(() => undefined);
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      listening.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  return { made, system, ask, connections };
}

test('the same system is the same adapter, and one that is used stays while others are edited away', async () => {
  const { made, system } = await open();
  const kept = made.signOn(system('kept'));
  for (let edit = 0; edit < 60; edit += 1) {
    expect(made.signOn(system(`edit ${edit}`))).toBe(made.signOn(system(`edit ${edit}`)));
    expect(made.signOn(system('kept'))).toBe(kept);
  }
  const old = made.signOn(system('old'));
  for (let edit = 0; edit < 20; edit += 1) made.signOn(system(`later ${edit}`));
  expect(made.signOn(system('old'))).not.toBe(old);
});

test('adapters of systems that were edited away keep no connections', async () => {
  const { ask, connections } = await open();
  for (let edit = 0; edit < 20; edit += 1) await ask(`edit ${edit}`);
  const full = await connections();
  expect(full).toBeGreaterThan(0);
  for (let edit = 20; edit < 45; edit += 1) await ask(`edit ${edit}`);
  await eventually(async () => ((await connections()) <= full ? true : null), 'the old connections to end');
  await clients?.close();
  await eventually(async () => ((await connections()) === 0 ? true : null), 'all connections to end');
});
