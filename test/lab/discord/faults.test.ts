import { Routes } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { startDiscord } from '../../../lab/discord/index.ts';
import { login, startBot, type Bot } from './bot.ts';

let bot: Bot | undefined;
afterEach(async () => {
  await bot?.stop();
  bot = undefined;
});
const create = '/channels/{channel_id}/messages';
const edit = '/channels/{channel_id}/messages/{message_id}';

describe('faults on request', () => {
  it('answers with a server error, which the client survives by trying again', async () => {
    bot = await startBot();
    bot.lab.faults.next({ method: 'POST', path: create, status: 502, times: 2 });
    await bot.channel().send('third time lucky');
    const sent = bot.lab.state.requests.filter(({ route }) => route === create);
    expect(sent.map(({ status }) => status)).toEqual([502, 502, 200]);
  });

  it('cuts a connection', async () => {
    bot = await startBot({ client: { rest: { retries: 0 } } });
    bot.lab.faults.next({ method: 'POST', path: create, reset: true });
    await expect(bot.channel().send('x')).rejects.toThrow();
    await bot.channel().send('y');
    expect(
      bot.lab
        .user('ana')
        .sees()
        .map(({ content }) => content),
    ).toEqual(['y']);
  });

  it('never answers', async () => {
    bot = await startBot({ client: { rest: { retries: 0, timeout: 200 } } });
    bot.lab.faults.next({ method: 'POST', path: create, hang: true });
    await expect(bot.channel().send('x')).rejects.toThrow('aborted');
  });

  it('delays until the clock has moved', async () => {
    bot = await startBot();
    const { lab } = bot;
    lab.faults.next({ path: create, delayMs: 60_000 });
    const sending = bot.channel().send('slow');
    await lab.waitFor(() => lab.faults.pending() === 0);
    lab.clock.advance(60_000);
    expect((await sending).content).toBe('slow');
  });

  it('takes a permission away for one request, or for a channel until it is given back', async () => {
    bot = await startBot();
    bot.lab.faults.missingPermission(create, 'POST');
    await expect(bot.channel().send('x')).rejects.toMatchObject({ code: 50013 });
    bot.lab.denyBot('general', ['SendMessages']);
    await expect(bot.channel().send('x')).rejects.toMatchObject({ code: 50013 });
    bot.lab.denyBot('general', ['ViewChannel']);
    const path = Routes.channelMessages(bot.lab.channel('general').id);
    await expect(bot.client.rest.post(path, { body: { content: 'x' } })).rejects.toMatchObject({
      code: 50001,
    });
    bot.lab.denyBot('general', []);
    await bot.client.rest.post(path, { body: { content: 'y' } });
    expect(bot.lab.user('ana').sees()).toHaveLength(1);
  });

  it('lets a message be gone', async () => {
    bot = await startBot();
    const message = await bot.channel().send('x');
    bot.lab.faults.unknownMessage(edit, 'PATCH');
    await expect(message.edit('y')).rejects.toMatchObject({ code: 10008 });
    await message.delete();
    await expect(message.edit('z')).rejects.toMatchObject({ code: 10008 });
    expect(bot.lab.state.deleted.get(message.id)?.content).toBe('x');
  });
});

describe('rate limits', () => {
  const five = { limit: 2, windowMs: 300 };

  it('are announced so well that the client never runs into them', async () => {
    bot = await startBot({ lab: { limits: { routes: { [`POST ${create}`]: five } } } });
    const channel = bot.channel();
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((content) => channel.send(content)));
    expect(bot.lab.user('ana').sees()).toHaveLength(5);
    expect(bot.lab.state.rateLimited).toEqual([]);
  });

  it('answer 429 to whoever does not wait, and count it', async () => {
    bot = await startBot({ lab: { limits: { routes: { [`POST ${create}`]: five } } } });
    const { lab } = bot;
    const send = () =>
      fetch(`${lab.api}/v10/channels/${lab.channel('general').id}/messages`, {
        method: 'POST',
        headers: { authorization: `Bot ${lab.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'x' }),
      });
    await send();
    await send();
    const third = await send();
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await third.json()).toMatchObject({ global: false });
    expect(lab.state.rateLimited).toMatchObject([{ route: `POST ${create}`, scope: 'user' }]);
  });

  it('have one for the whole bot', async () => {
    bot = await startBot({ lab: { limits: { global: { limit: 3, windowMs: 60_000 } } } });
    const { lab } = bot;
    const get = () => fetch(`${lab.api}/v10/users/@me`, { headers: { authorization: `Bot ${lab.token}` } });
    const answers = [await get(), await get(), await get()];
    expect(answers.at(-1)?.headers.get('x-ratelimit-scope')).toBe('global');
    lab.clock.advance(60_000);
    expect((await get()).status).toBe(200);
  });

  it('are tighter for edits of messages older than an hour', async () => {
    bot = await startBot({ client: { rest: { rejectOnRateLimit: () => true } } });
    const message = await bot.channel().send('0 %');
    bot.lab.clock.advance(3_600_001);
    for (const content of ['1 %', '2 %', '3 %']) await message.edit(content);
    await expect(message.edit('4 %')).rejects.toThrow();
    expect(bot.lab.state.rateLimited).toHaveLength(1);
    bot.lab.clock.advance(60_000);
    const { status } = await fetch(
      `${bot.lab.api}/v10/channels/${message.channelId}/messages/${message.id}`,
      {
        method: 'PATCH',
        headers: { authorization: `Bot ${bot.lab.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ content: '100 %' }),
      },
    );
    expect(status).toBe(200);
  });
});

describe('closing the lab', () => {
  it('complains about a fault that was never met', async () => {
    const lab = await startDiscord();
    lab.faults.next({ method: 'PATCH', path: edit, status: 500 });
    await expect(lab.close()).rejects.toThrow(`fault never met: PATCH ${edit}`);
  });

  it('complains about a route it does not know', async () => {
    const lab = await startDiscord();
    const client = await login(lab);
    await expect(client.rest.get('/guilds/1/audit-logs')).rejects.toMatchObject({ status: 404 });
    await client.destroy();
    await expect(lab.close()).rejects.toThrow('unknown route: GET /guilds/1/audit-logs');
  });
});
