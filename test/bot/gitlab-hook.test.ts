import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createGitlabHook } from '../../bot/gitlab/hook.ts';
import { parseGitlabNews, type GitlabNews } from '../../bot/gitlab/news.ts';
import { quietLog } from '../../lab/quiet-log.ts';
import { eventually } from '../eventually.ts';
import { botLab } from './support/bot-lab.ts';

const token = 'hook-canary-token';
const signing = `whsec_${Buffer.from('signing-canary-key-of-32-bytes!!').toString('base64')}`;

type Headers = Readonly<Record<string, string>>;

function post(port: number, body: string, headers: Headers, method = 'POST'): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: '/hooks/gitlab', method, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const told = (id?: string, given = token): Headers => ({
  'x-gitlab-token': given,
  'x-gitlab-event': 'Pipeline Hook',
  ...(id === undefined ? {} : { 'idempotency-key': id }),
});
function signed(body: string, { id = 'msg-1', at = Date.now(), key = signing, before = '' } = {}): Headers {
  const timestamp = String(Math.floor(at / 1000));
  const bytes = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  const made = createHmac('sha256', bytes).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `${before}v1,${made}` };
}

const pipelineHook = (pipeline: number, status = 'success'): string =>
  JSON.stringify({
    object_kind: 'pipeline',
    object_attributes: { id: pipeline, status, sha: 'ab'.repeat(20), ref: 'main' },
    project: { id: 7, path_with_namespace: 'homelab/services' },
    builds: [{ id: 1, name: 'deploy', status }],
  });
const jobHook = (pipeline: number): string =>
  JSON.stringify({
    object_kind: 'build',
    build_id: 3,
    build_status: 'failed',
    pipeline_id: pipeline,
    project_id: 7,
  });

describe('what GitLab posts with its token', () => {
  test('about pipelines and jobs makes the engine look, whatever status it claims', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const { bot, engine } = await lab.start();
    expect(await post(bot.healthPort, pipelineHook(812), told('a'))).toBe(200);
    expect(await post(bot.healthPort, jobHook(813), told('b'))).toBe(200);
    await eventually(() => engine.news.length === 2);
    expect(engine.news).toEqual([
      { kind: 'pipeline', project: '7', pipeline: 812 },
      { kind: 'pipeline', project: '7', pipeline: 813 },
    ]);
  });

  test('about a push makes it read the definitions again', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const { bot, engine } = await lab.start();
    const before = engine.refreshes;
    expect(await post(bot.healthPort, '{"object_kind":"push","project_id":7}', told('p'))).toBe(200);
    await eventually(() => engine.refreshes > before);
    expect(engine.news).toEqual([]);
  });

  test('again is answered and dropped, also after a restart', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const first = await lab.start();
    for (const id of ['same', 'same', 'other']) await post(first.bot.healthPort, pipelineHook(812), told(id));
    await eventually(() => first.engine.news.length === 2);
    await first.die();
    const second = await lab.start();
    expect(await post(second.bot.healthPort, pipelineHook(812), told('same'))).toBe(200);
    expect(await post(second.bot.healthPort, pipelineHook(900), told())).toBe(200);
    await eventually(() => second.engine.news.length === 1);
    expect(second.engine.news.map(({ pipeline }) => pipeline)).toEqual([900]);
  });

  test('out of order is only ever a reason to look', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const { bot, engine } = await lab.start();
    await post(bot.healthPort, pipelineHook(812, 'success'), told('late'));
    await post(bot.healthPort, pipelineHook(812, 'created'), told('early'));
    await eventually(() => engine.news.length === 2);
    expect(new Set(engine.news.map((news) => JSON.stringify(news))).size).toBe(1);
  });

  test('of another kind, or without sense in it, changes nothing', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const { bot, engine } = await lab.start();
    const others = [
      '{"object_kind":"merge_request"}',
      '{"object_kind":"pipeline","object_attributes":{"id":"812"},"project":{"id":7}}',
      '{"object_kind":"build","pipeline_id":-1,"project_id":7}',
      '{"object_kind":{"a":1}}',
    ];
    for (const body of others) expect(await post(bot.healthPort, body, told())).toBe(200);
    for (const body of ['', 'not json', '[]', '"pipeline"', 'null'])
      expect(await post(bot.healthPort, body, told())).toBe(400);
    expect(engine.news).toEqual([]);
  });

  test('is refused when it is forged, too big or no post', async () => {
    const lab = await botLab({ gitlab: { token, signing: null } });
    const { bot, engine } = await lab.start();
    for (const given of ['', 'hook-canary-tokem', `${token} `.trimEnd().slice(1), token.toUpperCase()])
      expect(await post(bot.healthPort, pipelineHook(1), told('f', given))).toBe(401);
    expect(await post(bot.healthPort, pipelineHook(1), { 'idempotency-key': 'f' })).toBe(401);
    expect(await post(bot.healthPort, pipelineHook(1), signed(pipelineHook(1)))).toBe(401);
    expect(await post(bot.healthPort, '', told(), 'GET')).toBe(405);
    expect(await post(bot.healthPort, `"${'x'.repeat(1024 * 1024)}"`, told('big'))).toBe(413);
    // What was forged did not use up the id of the real one.
    expect(await post(bot.healthPort, pipelineHook(812), told('f'))).toBe(200);
    await eventually(() => engine.news.length === 1);
    expect(lab.lines.filter((line) => line.includes('who is not GitLab'))).toHaveLength(1);
    expect(lab.lines.join()).not.toContain('hook-canary');
  });
});

describe('what GitLab posts signed', () => {
  test('counts when one of its signatures holds over the body as it came', async () => {
    const lab = await botLab({ gitlab: { token, signing } });
    const { bot, engine } = await lab.start();
    const body = ` ${pipelineHook(812)}\n`;
    expect(await post(bot.healthPort, body, signed(body))).toBe(200);
    const rotated = signed(body, { id: 'msg-2', before: `v1,${'A'.repeat(43)}= v2,later ` });
    expect(await post(bot.healthPort, body, rotated)).toBe(200);
    await eventually(() => engine.news.length === 2);
    expect(await post(bot.healthPort, body, rotated)).toBe(200);
    expect(engine.news).toHaveLength(2);
  });

  test('is refused with a wrong signature, another body, another id, or too long ago', async () => {
    const lab = await botLab({ gitlab: { token, signing } });
    const { bot, engine } = await lab.start();
    const body = pipelineHook(812);
    const sixMinutes = 6 * 60_000;
    const forgeries: readonly (readonly [string, Headers])[] = [
      [body, signed(body, { key: Buffer.from('another key').toString('base64') })],
      [pipelineHook(813), signed(body)],
      [body, { ...signed(body), 'webhook-id': 'msg-9' }],
      [body, { ...signed(body), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) + 1) }],
      [body, { ...signed(body), 'webhook-signature': 'v1,' }],
      [body, { ...signed(body), 'webhook-signature': '' }],
      [body, signed(body, { at: Date.now() - sixMinutes })],
      [body, signed(body, { at: Date.now() + sixMinutes })],
      [body, { ...signed(body), 'webhook-timestamp': 'now' }],
      // The token alone no longer counts.
      [body, told('t')],
    ];
    for (const [sent, headers] of forgeries) expect(await post(bot.healthPort, sent, headers)).toBe(401);
    expect(engine.news).toEqual([]);
    expect(lab.lines.join()).not.toContain('signing-canary');
  });
});

test('whoever posts forgeries, however many, does not keep GitLab from being heard', async () => {
  const clock = { now: () => new Date('2026-11-21T12:00:00Z'), wait: () => Promise.resolve() };
  const heard: GitlabNews[] = [];
  const hook = createGitlabHook({
    ...{ secrets: { token: null, signing }, clock, log: quietLog, claim: () => true },
    tell: (news) => void heard.push(news),
  });
  const server = createServer(hook);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const body = pipelineHook(812);
  const at = clock.now().getTime();
  const forgery = { ...signed(body, { at }), 'webhook-signature': 'v1,AAAA' };
  const forged = new Set<number>();
  for (let part = 0; part < 35; part += 1)
    for (const status of await Promise.all(Array.from({ length: 20 }, () => post(port, '{}', forgery))))
      forged.add(status);
  expect([...forged]).toEqual([401]);
  expect(await post(port, body, signed(body, { at }))).toBe(200);
  await eventually(() => heard.length === 1);
});

test('nothing is there for GitLab unless bot.yml says so', async () => {
  const lab = await botLab();
  const { bot } = await lab.start();
  expect(await post(bot.healthPort, pipelineHook(1), told())).toBe(404);
});

test('pipelines are looked for at the start and then again and again, where there are any', async () => {
  const lab = await botLab({ lookMs: 20 });
  const { engine } = await lab.start();
  await eventually(() => engine.looks > 2);
});

test('ids are numbers or nothing', () => {
  const job = (pipeline: unknown, project: unknown): unknown =>
    parseGitlabNews(JSON.stringify({ object_kind: 'build', pipeline_id: pipeline, project_id: project }));
  expect(job(1, 2)).toEqual({ kind: 'pipeline', project: '2', pipeline: 1 });
  for (const wrong of [null, '1', 1.5, 0, 2 ** 60, [1], { id: 1 }]) {
    expect(job(wrong, 2)).toEqual({ kind: 'other' });
    expect(job(1, wrong)).toEqual({ kind: 'other' });
  }
});
