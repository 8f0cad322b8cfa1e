import { afterEach, describe, expect, test } from 'vitest';
import { askDns } from '../../../engine/providers/dns-question.ts';
import { type Pihole, type PiholeOptions, startPihole } from '../../../lab/pihole/pihole.ts';

/** Habits of the stand-in, as they were seen on a real server of release 6.4.1. */
const { signal } = new AbortController();
const started: Pihole[] = [];
afterEach(() => Promise.all(started.splice(0).map((pihole) => pihole.close())));

async function start(options: PiholeOptions = {}): Promise<Pihole> {
  const pihole = await startPihole(options);
  started.push(pihole);
  return pihole;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> | null;
}
async function ask(
  pihole: Pihole,
  line: string,
  more: { sid?: string; json?: object } = {},
): Promise<Answer> {
  const [method = '', path = ''] = line.split(' ');
  const answer = await fetch(`${pihole.url}/api${path}`, {
    method,
    headers: { connection: 'close', ...(more.sid === undefined ? {} : { 'x-ftl-sid': more.sid }) },
    ...(more.json === undefined ? {} : { body: JSON.stringify(more.json) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as Answer['body']) };
}
const host = (text: string) => `/config/dns/hosts/${encodeURIComponent(text)}`;
const login = (pihole: Pihole, password: string) => ask(pihole, 'POST /auth', { json: { password } });

describe('sessions', () => {
  test('are given for the right password, and end by logout', async () => {
    const pihole = await start({ password: 'right' });
    const { status, body } = await login(pihole, 'right');
    const { sid } = body?.['session'] as { sid: string };
    expect({ status, length: sid.length }).toEqual({ status: 200, length: 23 });
    expect((await ask(pihole, 'GET /config/dns/hosts')).status).toBe(401);
    expect((await ask(pihole, 'GET /config/dns/hosts', { sid })).status).toBe(200);
    expect(await ask(pihole, 'DELETE /auth', { sid })).toEqual({ status: 204, body: null });
    expect((await ask(pihole, 'DELETE /auth', { sid })).status).toBe(401);
  });

  test('are refused without an error, but with a session that is not valid', async () => {
    const { status, body } = await login(await start({ password: 'right' }), 'wrong');
    expect(status).toBe(401);
    expect(body).toMatchObject({ session: { valid: false, sid: null } });
    expect(body).not.toHaveProperty('error');
  });

  test('need none where there is no password', async () => {
    const pihole = await start();
    const { body } = await login(pihole, 'anything');
    expect(body).toMatchObject({ session: { valid: true, sid: null, validity: -1 } });
    expect((await ask(pihole, 'GET /config/dns/hosts')).status).toBe(200);
  });

  test('are few', async () => {
    const pihole = await start({ password: 'right', seats: 1 });
    await login(pihole, 'right');
    expect(await login(pihole, 'right')).toMatchObject({
      status: 429,
      body: { error: { key: 'api_seats_exceeded' } },
    });
  });

  test('are refused to everybody after three wrong passwords within a moment', async () => {
    const times = { window: 60_000, refusal: 1, hash: 1, write: 1 };
    const pihole = await start({ password: 'right', times });
    for (const password of ['a', 'b', 'c']) await login(pihole, password);
    expect(await login(pihole, 'right')).toMatchObject({
      status: 429,
      body: { error: { key: 'rate_limiting', hint: null } },
    });
  });

  test('with the app password count as wrong ones, and the fourth looks wrong', async () => {
    const times = { window: 60_000, refusal: 1, hash: 1, write: 1 };
    const pihole = await start({ password: 'right', appPassword: 'app', times });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await login(pihole, 'app')).status);
    expect(statuses).toEqual([200, 200, 200, 401, 429]);
  });
});

describe('host records', () => {
  test('are compared as text, before their blanks are put in order', async () => {
    const pihole = await start();
    const put = async (text: string) => (await ask(pihole, `PUT ${host(text)}`)).status;
    expect(await put('10.0.0.1 nas')).toBe(201);
    expect(await ask(pihole, `PUT ${host('10.0.0.1 nas')}`)).toMatchObject({
      status: 400,
      body: { error: { message: 'Item already present' } },
    });
    expect(await put('10.0.0.1  nas')).toBe(201);
    expect(await put('10.0.0.1 NAS')).toBe(201);
    expect(pihole.state.hosts).toEqual(['10.0.0.1 nas', '10.0.0.1 nas', '10.0.0.1 NAS']);
    expect((await ask(pihole, `DELETE ${host('10.0.0.1 nas')}`)).status).toBe(204);
    expect(pihole.state.hosts).toEqual(['10.0.0.1 nas', '10.0.0.1 NAS']);
  });

  test('are taken away by their exact text only, and what is absent is no error', async () => {
    const pihole = await start({ hosts: ['10.0.0.1 nas box', '10.0.0.2 a # x/y'] });
    for (const text of ['10.0.0.1 nas', '10.0.0.2 a # x/y']) {
      const { status, body } = await ask(pihole, `DELETE ${host(text)}`);
      expect({ status, keys: Object.keys(body ?? {}) }).toEqual({ status: 404, keys: ['took'] });
    }
  });

  test('are all validated with each that is added', async () => {
    const pihole = await start({ hosts: ['10.0.0.1 nas', 'rubbish'] });
    expect(await ask(pihole, `PUT ${host('10.0.0.2 fine')}`)).toMatchObject({
      status: 400,
      body: { error: { message: 'Invalid value', hint: expect.stringContaining('dns.hosts[1]') as string } },
    });
    expect((await ask(pihole, `DELETE ${host('rubbish')}`)).status).toBe(204);
    expect((await ask(pihole, `PUT ${host('10.0.0.2 fine')}`)).status).toBe(201);
  });

  test.each([
    '192.168.040.1 a',
    '10.0.0 a',
    'a 10.0.0.1',
    '10.0.0.1',
    '10.0.0.1 *.a',
    '10.0.0.1 a..b',
    '10.0.0.1 ü',
  ])('“%s” is refused', async (text) => {
    expect((await ask(await start(), `PUT ${host(text)}`)).status).toBe(400);
  });

  test('get lost when two are written at the same time, which is counted', async () => {
    const pihole = await start({ times: { window: 50, refusal: 1, hash: 1, write: 100 } });
    const both = ['10.0.0.1 a', '10.0.0.2 b'].map((text) => ask(pihole, `PUT ${host(text)}`));
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([201, 201]);
    expect(pihole.state.hosts).toHaveLength(1);
    expect(pihole.overlaps).toBe(1);
  });

  test('answer over DNS at once, all of them, and other types are asked elsewhere', async () => {
    const pihole = await start({ upstream: { nas: ['2001:db8::1'] } });
    await ask(pihole, `PUT ${host('10.0.0.1 NAS.')}`);
    await ask(pihole, `PUT ${host('10.0.0.2 box nas')}`);
    expect(await askDns(pihole.server, 'nas', signal)).toEqual(['10.0.0.1', '10.0.0.2', '2001:db8::1']);
    expect(await askDns(pihole.server, 'nobody', signal)).toEqual([]);
  });

  test('are forgotten at the next start by an old server that is read-only', async () => {
    const pihole = await start({ readOnly: 'forgets' });
    expect((await ask(pihole, `PUT ${host('10.0.0.1 nas')}`)).status).toBe(201);
    expect(await askDns(pihole.server, 'nas', signal)).toEqual(['10.0.0.1']);
    pihole.restart();
    expect(pihole.state.hosts).toEqual([]);
  });
});

test('what it does not know is an error of a setting by its absence, and of a route by its name', async () => {
  const pihole = await startPihole();
  expect(await ask(pihole, 'GET /config/dns/hostz')).toMatchObject({ status: 200, body: { config: {} } });
  expect(await ask(pihole, 'GET /nowhere')).toMatchObject({
    status: 404,
    body: { error: { key: 'not_found' } },
  });
  await expect(pihole.close()).rejects.toThrow('nobody knows GET /nowhere');
});

test('a fault nobody ran into is an error in the end', async () => {
  const pihole = await startPihole();
  pihole.faults.next({ method: 'GET', path: '/config' });
  await expect(pihole.close()).rejects.toThrow('GET /config (1 left)');
});
