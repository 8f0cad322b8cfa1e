import { get } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { checkUp } from '../../bot/health.ts';
import { createLog } from '../../bot/log.ts';
import { acquireInstanceLock } from '../../bot/lock.ts';
import { exportAudit } from '../../data/index.ts';
import { createClock } from '../../engine/providers/clock.ts';
import { botLab } from './support/bot-lab.ts';

const clock = createClock();
const silent = createLog({ level: 'error', redact: (line) => line });

function healthz(port: number): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz' }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    }).on('error', reject);
  });
}

describe('starting', () => {
  test('publishes the commands once, and not again while they stay the same', async () => {
    const lab = await botLab();
    const first = await lab.start();
    expect([...lab.discord.state.commands.values()].map(({ name }) => name).toSorted()).toEqual([
      ...['approve', 'deploy', 'plan', 'rollback', 'status'],
    ]);
    await first.die();
    await lab.start();
    const puts = lab.discord.state.requests.filter(({ method }) => method === 'PUT');
    expect(puts).toHaveLength(1);
  });

  test('says which permissions are missing in the channel', async () => {
    const lab = await botLab();
    lab.discord.denyBot('deployments', ['CreatePublicThreads', 'EmbedLinks']);
    await lab.start();
    expect(lab.lines.join()).toContain('The bot lacks in #deployments: Embed Links, Create Public Threads.');
  });

  test('warns when the people who approve cannot be called', async () => {
    const lab = await botLab();
    Object.assign(lab.discord.role('approvers'), { mentionable: false });
    await lab.start();
    expect(lab.lines.join()).toContain('Requests for approval notify nobody of @approvers');
  });

  test('in a guild it is not in says so in one sentence', async () => {
    const lab = await botLab();
    await expect(lab.start({ guild: '999999999999999999' })).rejects.toThrow(
      'The bot is not in the guild 999999999999999999, or was invited without applications.commands.',
    );
  });

  test('with a channel that is not there says so in one sentence', async () => {
    const lab = await botLab();
    await expect(lab.start({ channel: '999999999999999999' })).rejects.toThrow(
      'There is no channel 999999999999999999 the bot can see.',
    );
  });

  test('waits for Discord when it is away, and then works', async () => {
    const lab = await botLab();
    await lab.discord.goDown();
    const starting = lab.start();
    await vi.waitFor(() => expect(lab.lines.join()).toContain('Discord does not answer; trying again'));
    await lab.discord.comeBack();
    await starting;
    expect(lab.discord.botOnline()).toBe(true);
  });

  test('with a token Discord refuses fails at once and says so', async () => {
    const lab = await botLab();
    lab.discord.faults.next({
      path: '/gateway/bot',
      status: 401,
      body: { code: 0, message: '401: Unauthorized' },
    });
    await expect(lab.start()).rejects.toThrow('Discord refused the bot token');
  });

  test('beside another bot with the same state is refused, naming it', async () => {
    const lab = await botLab();
    const { store } = await lab.start();
    let now = Date.now();
    const hurried = {
      now: () => new Date(now),
      wait: (ms: number) => {
        now += ms;
        return Promise.resolve();
      },
    };
    await expect(
      acquireInstanceLock({
        ...{ locks: store.locks, clock: hurried, log: silent, holder: 'bot:elsewhere:1' },
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow(/Another bot works with this state folder: bot:.*, since/);
  });
});

describe('running', () => {
  test('/healthz is well while the gateway beats and the record can be written', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    const { status, body } = await healthz(bot.healthPort);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ status: 'ok', gateway: { connected: true } });
  });

  test('is unwell when the heartbeat or the record is old, whatever the library believes', () => {
    const now = clock.now();
    const ago = (s: number): Date => new Date(now.getTime() - s * 1000);
    const at = { ...clock, now: () => now };
    const check = (beat: Date | null, write: Date): string =>
      checkUp({ clock: at, pulse: () => ({ connected: true, lastBeatAt: beat }), lastWriteAt: () => write })
        .status;
    expect([
      check(ago(30), ago(5)),
      check(ago(200), ago(5)),
      check(ago(5), ago(100)),
      check(null, ago(1)),
    ]).toEqual([...['ok', 'unwell', 'unwell', 'unwell']]);
  });

  test('a token that is refused later ends the bot', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    lab.discord.faults.next({
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      status: 401,
      body: { code: 0, message: '401' },
    });
    await (await lab.ada.command('deploy', { service: 'grafana' })).acknowledged();
    await expect(bot.failed).rejects.toThrow('Discord refused the bot token');
  });

  test('a close code that cannot be recovered ends the bot', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    lab.discord.gateway.drop({ code: 4014 });
    await expect(bot.failed).rejects.toThrow('code 4014');
  });

  test('a refused command is in the audit', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    await (await lab.eve.command('rollback', { service: 'grafana' })).reply();
    await bot.stop();
    const rows: string[] = [];
    exportAudit(lab.file, {}, (row) => rows.push(row));
    expect(rows.filter((row) => row.includes('denied') && row.includes(lab.eve.id))).toHaveLength(1);
  });

  test('stopping twice is fine, and the bot goes offline', async () => {
    const lab = await botLab();
    const { bot } = await lab.start();
    await Promise.all([bot.stop(), bot.stop()]);
    await lab.discord.waitFor(() => !lab.discord.botOnline());
  });
});

describe('the log', () => {
  test('holds neither the token nor the addresses that carry an interaction token', async () => {
    const lab = await botLab();
    const { engine } = await lab.start();
    lab.discord.faults.next({
      method: 'POST',
      path: /\/callback$/,
      status: 404,
      body: { code: 10062, message: 'x' },
    });
    engine.proposeFails = new Error('boom');
    const asked = await lab.ada.command('plan', { service: 'grafana' });
    await vi.waitFor(() => expect(lab.lines.join()).toContain('could not acknowledge'));
    expect(lab.lines.join()).not.toContain(lab.discord.token);
    expect(lab.lines.join()).not.toContain(asked.interaction.token);
  });

  test('replaces secret values in the finished line', () => {
    const lines: string[] = [];
    const log = createLog({
      ...{ level: 'info', redact: (line) => line.replaceAll('hunter2', '[secret DB]') },
      to: { write: (line) => void lines.push(line) },
    });
    log.child({ deployment: 'd-1' }).info({ output: 'login with hunter2' }, 'done');
    expect(lines.join()).not.toContain('hunter2');
    expect(lines.join()).toContain('[secret DB]');
    expect(lines.join()).toContain('d-1');
  });
});
