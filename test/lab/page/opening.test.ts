import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startDiscord } from '../../../lab/discord/index.ts';
import { listen } from '../../../lab/listen.ts';
import type { PageLab } from '../../../lab/page/page-lab.ts';
import { startPage, type Page } from '../../../lab/page/start-page.ts';
import { eventually } from '../../eventually.ts';
import { ask, post, watchAs } from './page-house.ts';

let client: string;
let starting: Promise<Page>;
/** What the rest of the test can ask before the page is there. */
let early: Page;
let logged: string[];
/** Ends the opening that is under way, well or badly. */
let ends: { readonly well: () => void; readonly badly: (error: Error) => void }[];

beforeAll(async () => {
  client = await mkdtemp(join(tmpdir(), 'sentinel-page-'));
  await writeFile(join(client, 'index.html'), '<!doctype html><title>Sentinel lab</title>');
});
afterAll(() => rm(client, { recursive: true }));
beforeEach(async () => {
  [logged, ends] = [[], []];
  const port = await freePort();
  starting = startPage({ port, client, open, log: (line) => void logged.push(line) });
  starting.catch(() => undefined);
  early = { url: `http://127.0.0.1:${port}` } as Page;
  await eventually(() => ends.length === 1, 'the lab to be opened');
});
afterEach(async () => {
  await starting.then(
    (page) => page.close(),
    () => undefined,
  );
});

async function open(): Promise<PageLab> {
  await new Promise<void>((well, badly) => ends.push({ well, badly }));
  const discord = await startDiscord({ channels: ['deployments'], contract: false });
  const { id } = discord.user('ana');
  return {
    ...{ discord, people: [{ id, name: 'ana', part: 'deployer', may: 'May ask.' }], tour: () => [] },
    homelab: { look: () => Promise.resolve([]), switches: () => [], turn: () => Promise.resolve() },
    close: () => discord.close(),
  };
}

const say = { as: 'ana', do: 'dismiss', id: '1' } as const;

it('while the lab opens, the page is there and waits for its first view, and deeds are refused', async () => {
  expect(await ask(early, { path: '/' })).toMatchObject({
    status: 200,
    body: expect.stringContaining('<title>') as string,
  });
  const watching = watchAs(early, 'ana');
  const unknown = ask(early, { path: '/api/view?as=mallory' });
  const why = '{"error":"The lab is still being set up. Please try again in a moment."}';
  expect(await post(early, '/api/do', say)).toMatchObject({ status: 503, body: why });
  expect(await ask(early, { path: '/attachments/1/1/x' })).toMatchObject({ status: 503, body: why });
  ends[0]?.well();
  await starting;
  const ana = await watching;
  expect(ana.now().people.map(({ name }) => name)).toEqual(['ana']);
  ana.leave();
  expect((await unknown).status).toBe(404);
  expect(logged).toEqual([]);
});

it('a lab that cannot be opened leaves nobody waiting', async () => {
  const waiting = ask(early, { path: '/api/view' });
  const ended = expect(waiting).rejects.toThrow();
  await ask(early, { path: '/' });
  ends[0]?.badly(new Error('no room for a lab'));
  await expect(starting).rejects.toThrow('no room for a lab');
  await ended;
});

it('a reset that fails says so, refuses deeds until another one, and the next one works', async () => {
  ends[0]?.well();
  const page = await starting;
  const ana = await watchAs(page, 'ana');
  const { me, life } = ana.now();
  const reset = () => post(page, '/api/do', { as: me, do: 'reset' });
  const failing = reset();
  await eventually(() => ends.length === 2, 'the second opening');
  ends[1]?.badly(new Error('no room for another lab'));
  expect(await failing).toMatchObject({
    status: 500,
    body: expect.stringContaining('The terminal says what.') as string,
  });
  expect(logged.join()).toContain('no room for another lab');
  expect(await post(page, '/api/do', say)).toMatchObject({
    ...{ status: 503, body: '{"error":"The lab did not come back. Please reset it again."}' },
  });
  expect(ana.ended()).toBe(false);
  const again = reset();
  await eventually(() => ends.length === 3, 'the third opening');
  ends[2]?.well();
  expect((await again).status).toBe(204);
  await ana.sees((view) => view.life !== life, 'the new life');
  ana.leave();
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
