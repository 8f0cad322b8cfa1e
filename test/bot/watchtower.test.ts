import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { renderWatchtower } from '../../bot/render/watchtower.ts';
import { createAllowance } from '../../bot/hooks/allowance.ts';
import { isUnwanted, parseNews, serviceOf } from '../../bot/watchtower/news.ts';
import { eventually } from '../eventually.ts';
import { botLab, type BotLab } from './support/bot-lab.ts';

const token = 'wt-canary-token';

interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

function post(
  port: number,
  body: string,
  { authorization = `Bearer ${token}`, method = 'POST', path = '/hooks/watchtower' } = {},
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { authorization, 'content-type': 'application/json' },
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
const cards = (lab: BotLab) =>
  [...lab.discord.state.messages.values()].filter(({ channelId }) => channelId === lab.channel);

const report = `3 Scanned, 1 Updated, 0 Failed
- /grafana (grafana/grafana:latest): 1a2b3c updated to 4d5e6f
- /pihole (pihole/pihole:latest): Fresh`;

describe('what Watchtower posts', () => {
  test('is told in the channel, and that a service of the fleet is no longer as it was deployed', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    const body = JSON.stringify({ title: 'Watchtower updates on docker-01', message: report });
    expect(await post(bot.healthPort, body)).toMatchObject({ status: 202 });
    const card = await lab.card('Watchtower updated grafana');
    const [embed] = card.embeds;
    expect(embed?.description).toContain('`/status service:grafana` shows what differs from Git');
    expect(embed?.description).toContain('1a2b3c updated to 4d5e6f');
    expect(embed?.footer?.text).toBe('Watchtower updates on docker-01');
    expect(embed?.description).not.toContain('**pihole**');
    expect(lab.lines.join()).not.toContain(token);
  });

  test('calls nobody and formats nothing, however it is written', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    const message = '@everyone ``` <@&1> [free](https://x.example)';
    await post(bot.healthPort, JSON.stringify({ title: '@here **big** <@1>', message }));
    const card = await eventually(() => cards(lab)[0]);
    expect(card.pinged).toEqual([]);
    expect(card.content).toBe('');
    expect(card.embeds[0]?.title).toContain('\\*\\*big\\*\\*');
    expect(card.embeds[0]?.description?.match(/```/g)).toHaveLength(2);
  });

  test('as plain text labelled as JSON is understood too, as it comes without a template', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    await post(bot.healthPort, 'Found new linuxserver/radarr:latest image (abc)\nCreating /radarr\n');
    expect((await lab.card('Watchtower updated radarr')).embeds[0]?.description).toContain('Found new');
  });

  test('is not told where it is only about services whose definition does not want that', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    expect(await post(bot.healthPort, 'Creating /jellyfin')).toMatchObject({ status: 202 });
    await post(bot.healthPort, 'Creating /jellyfin\nCreating /radarr');
    await lab.card('Watchtower updated jellyfin, radarr');
    expect(cards(lab)).toHaveLength(1);
  });

  test('is told even if Discord is away just then', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    lab.discord.faults.next({
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      status: 403,
      body: { code: 50013, message: 'Missing Permissions' },
    });
    expect(await post(bot.healthPort, report)).toMatchObject({ status: 202 });
    await lab.card('Watchtower updated grafana');
  });
});

describe('the hook', () => {
  test('is not there unless bot.yml names its token', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    expect(await post(bot.healthPort, report)).toMatchObject({ status: 404 });
    expect(cards(lab)).toEqual([]);
  });

  test('refuses who has no token or a wrong one, another method and a message too long or empty', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    const { healthPort } = bot;
    for (const authorization of ['', 'Bearer ', 'Bearer wt-canary-tokem', `Basic ${token}`, token])
      expect(await post(healthPort, report, { authorization })).toMatchObject({ status: 401 });
    expect(
      await post(healthPort, report, { path: `/hooks/watchtower?token=${token}`, authorization: '' }),
    ).toMatchObject({ status: 401 });
    expect(await post(healthPort, '', { method: 'GET' })).toMatchObject({ status: 405 });
    expect(await post(healthPort, '')).toMatchObject({ status: 400 });
    expect(await post(healthPort, '{"title":"no message"}')).toMatchObject({ status: 400 });
    expect(await post(healthPort, 'x'.repeat(70_000))).toMatchObject({ status: 413 });
    expect(cards(lab)).toEqual([]);
    const warned = lab.lines.filter((line) => line.includes('without the token called the hook'));
    expect(warned).toHaveLength(1);
    expect(lab.lines.join()).not.toContain('wt-canary');
  });

  test('takes ten posts at once and then one every few seconds', async () => {
    const lab = await botLab({ watchtower: { token } });
    const { bot } = await lab.start();
    const answers = [];
    for (let round = 0; round < 12; round += 1) answers.push(await post(bot.healthPort, '{}'));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(400), 429, 429]);
    expect(answers.at(-1)?.headers['retry-after']).toBe('6');
    let now = 0;
    const allowance = createAllowance({ clock: { now: () => new Date(now) }, amount: 2, everyMs: 100 });
    expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false]);
    now = 150;
    expect([allowance.take(), allowance.take()]).toEqual([true, false]);
    now = 10_000;
    expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false]);
  });
});

describe('the words', () => {
  test('name what was updated, from a report as from a log', () => {
    expect(parseNews(report)?.updated).toEqual(['grafana']);
    expect(
      parseNews('Stopping /a (1)\nCreating /a\nCreating /b\n- a (x/a:1): 1 updated to 2')?.updated,
    ).toEqual(['a', 'b']);
    expect(parseNews('Watchtower 1.7.1 starts')?.updated).toEqual([]);
    expect(parseNews('"just text"')?.message).toBe('"just text"');
    expect(parseNews('[1]')).toBeNull();
  });

  test('know a container by its own name and by the one Compose makes up, and no other', () => {
    const services = [{ name: 'grafana', containers: ['grafana'] }, { name: 'home-assistant' }];
    expect(
      ['grafana', 'grafana-web-1', 'home-assistant-app-2', 'grafana-agent', 'loki'].map((one) =>
        serviceOf(one, services),
      ),
    ).toEqual(['grafana', 'grafana', 'home-assistant', undefined, undefined]);
  });

  test('know the extra containers of a service, which are called as its definition says', () => {
    const grafana = { name: 'grafana', containers: ['grafana', 'grafana-db', 'renderer'] };
    const services = [{ ...grafana, silentUpdates: true as const }, { name: 'loki' }];
    const belongs = (one: string) => serviceOf(one, services);
    expect(['grafana-db', 'renderer', 'grafana-agent'].map(belongs)).toEqual([
      'grafana',
      'grafana',
      undefined,
    ]);
    // A service of that very name comes first.
    expect(serviceOf('grafana-db', [...services, { name: 'grafana-db' }])).toBe('grafana-db');
    const news = { title: null, message: 'm', updated: ['grafana-db'] };
    expect(isUnwanted(news, services)).toBe(true);
    expect(isUnwanted({ ...news, updated: ['grafana-db', 'loki'] }, services)).toBe(false);
    expect(renderWatchtower(news, services).embeds[0]?.description).toContain('`/status service:grafana`');
  });

  test('name no more containers than a title holds', () => {
    const updated = Array.from({ length: 9 }, (_, index) => `c${index}`);
    expect(renderWatchtower({ title: null, message: 'm', updated }, []).embeds[0]?.title).toBe(
      '🔭 Watchtower updated c0, c1, c2, c3, c4 and 4 others',
    );
  });
});
