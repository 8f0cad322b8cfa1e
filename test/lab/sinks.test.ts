import { describe, expect, test } from 'vitest';
import { startNtfy, startWebhook } from '../../lab/sinks/index.ts';

const send = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, headers });

describe('the ntfy stand-in', () => {
  test('reads JSON at its root and shows JSON posted to a topic as it came', async () => {
    const lab = await startNtfy();
    const json = JSON.stringify({ topic: 'home', title: 'läuft', message: 'gut', priority: 5, tags: ['x'] });
    const answer = await send(lab.url, json);
    expect(await answer.json()).toMatchObject({
      event: 'message',
      topic: 'home',
      message: 'gut',
      title: 'läuft',
    });
    await send(`${lab.url}/home`, json, { 'X-Title': 'raw', 'X-Tags': 'a,b' });
    expect(lab.messages).toMatchObject([
      { title: 'läuft', message: 'gut', priority: 5, tags: ['x'] },
      { title: 'raw', message: json, priority: 3, tags: ['a', 'b'] },
    ]);
    await lab.close();
  });

  test('makes a file of what is too long, and says triggered where nothing is said', async () => {
    const lab = await startNtfy();
    await send(lab.url, JSON.stringify({ topic: 'home', message: 'ü'.repeat(2049) }));
    await send(lab.url, JSON.stringify({ topic: 'home' }));
    expect(lab.messages).toMatchObject([
      { message: 'You received a file: attachment.txt', attachment: 'ü'.repeat(2049) },
      { message: 'triggered', attachment: null },
    ]);
    await lab.close();
  });

  test.each([
    ['no JSON', 'hello', 400, 40017],
    ['no topic', '{}', 400, 40009],
    ['a bad topic', '{"topic":"a b"}', 400, 40009],
    ['a bad priority', '{"topic":"home","priority":9}', 400, 40007],
    ['too many actions', '{"topic":"home","actions":[1,2,3,4]}', 400, 40018],
    ['a topic that is not open', '{"topic":"other"}', 403, 40301],
  ])('refuses %s with its own number', async (_, body, status, code) => {
    const lab = await startNtfy({ tokens: { tk: ['home'] } });
    const answer = await send(lab.url, body, { authorization: 'Bearer tk' });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, http: status });
    await lab.close();
  });

  test('refuses a wrong token, and a visitor who sends too much until time has passed', async () => {
    const lab = await startNtfy({ tokens: { tk: ['home'] }, burst: 2, refillMs: 20 });
    const codes = async (authorization: string) =>
      ((await (await send(lab.url, '{"topic":"home"}', { authorization })).json()) as { code?: number }).code;
    expect([await codes('Bearer wrong'), await codes('Bearer tk')]).toEqual([40101, undefined]);
    await expect.poll(() => codes('Bearer tk'), { interval: 1 }).toBe(42901);
    await expect.poll(() => codes('Bearer tk'), { interval: 30 }).toBeUndefined();
    await lab.close();
  });
});

describe('a sink', () => {
  test('goes down, comes back on the same port, and fails as it is asked to', async () => {
    const lab = await startWebhook();
    await lab.goDown();
    await expect(send(lab.address, '{}')).rejects.toThrow('fetch failed');
    await lab.comeBack();
    lab.faults.next({ status: 500, times: 2 });
    lab.faults.next({ status: 429, retryAfter: '7' });
    lab.faults.next({ delayMs: 1 });
    const json = { 'content-type': 'application/json' };
    const statuses: (readonly [number, string | null])[] = [];
    while (statuses.length < 4) {
      const { status, headers } = await send(lab.address, '{}', json);
      statuses.push([status, headers.get('retry-after')]);
    }
    expect(statuses).toEqual([[500, null], [500, null], [429, '7'], [204, null]]); // prettier-ignore
    expect(lab.caught).toEqual([{}]);
    await lab.close();
  });

  test('complains at its end about a fault nobody met and a route nobody has', async () => {
    const lab = await startWebhook();
    expect((await send(`${lab.url}/elsewhere`, '')).status).toBe(404);
    lab.faults.next({ status: 500 });
    await expect(lab.close()).rejects.toThrow('unknown route: POST /elsewhere\n1 faults were never met');
  });
});
