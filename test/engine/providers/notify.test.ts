import { afterEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../../engine/notify/index.ts';
import { createClock } from '../../../engine/providers/clock.ts';
import { createNotifier, type NotifierPace } from '../../../engine/providers/notify/notifier.ts';
import type { SendTo } from '../../../engine/providers/secret-bindings.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';
import { startDiscord } from '../../../lab/discord/index.ts';
import { startNtfy, startWebhook, type NtfyOptions, type WebhookOptions } from '../../../lab/sinks/index.ts';

const clean: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of clean.splice(0)) await close();
});
const ntfyLab = async (options: NtfyOptions = {}) => {
  const lab = await startNtfy(options);
  clean.push(() => lab.close());
  return lab;
};
const webhookLab = async (options: WebhookOptions = {}) => {
  const lab = await startWebhook(options);
  clean.push(() => lab.close());
  return lab;
};
const discordLab = async () => {
  const lab = await startDiscord({ channels: ['news'] });
  clean.push(() => lab.close());
  return lab;
};

const quick: NotifierPace = { attemptMs: 10_000, retries: 3, pauseMs: 1, mostPauseMs: 2_000 };
const signal = () => new AbortController().signal;

function notifier(env: Record<string, string> = {}, pace = quick, sendTo?: SendTo) {
  const pauses: number[] = [];
  const clock = createClock();
  const secrets = createSecrets({ ...{ env, directory: null }, ...(sendTo ? { sendTo } : {}) });
  const counting = {
    ...clock,
    wait: (ms: number, until: AbortSignal) => {
      pauses.push(ms);
      until.throwIfAborted();
      return Promise.resolve();
    },
  };
  const real = createNotifier({ secrets, clock: counting, pace });
  const deliver = (delivery: Delivery, until: AbortSignal) => real.deliver(delivery, until);
  return { pauses, deliver };
}
const toNtfy = (url: string, more: object = {}, token: string | null = null): Delivery => ({
  ...{ sink: 'ntfy', address: { url }, token },
  body: {
    topic: 'homelab',
    title: 'Grafana läuft 🚀',
    message: 'größer → 日本語',
    priority: 4,
    tags: ['x'],
    ...more,
  },
});
const toWebhook: Delivery = {
  sink: 'webhook',
  address: { secret: 'HOOK' },
  token: 'TOKEN',
  body: { version: 1 },
};
const toDiscord: Delivery = {
  ...{ sink: 'discord', address: { secret: 'HOOK' }, token: null },
  body: { content: '✅ **Grafana deployed** @everyone', allowed_mentions: { parse: [] } },
};

describe('ntfy', () => {
  test('shows every letter of title and message, as one message of the topic', async () => {
    const lab = await ntfyLab();
    await notifier().deliver(toNtfy(lab.url), signal());
    expect(lab.messages).toMatchObject([
      {
        topic: 'homelab',
        title: 'Grafana läuft 🚀',
        message: 'größer → 日本語',
        priority: 4,
        tags: ['x'],
        attachment: null,
      },
    ]);
    expect(lab.requests.map(({ path }) => path)).toEqual(['/']);
  });

  test('is told with the token, and a token that may not write there is said once and not tried again', async () => {
    const lab = await ntfyLab({ tokens: { tk_secret: ['homelab'] } });
    const env = { NTFY: 'tk_secret', WRONG: 'tk_wrong' };
    await notifier(env).deliver(toNtfy(lab.url, {}, 'NTFY'), signal());
    expect(lab.messages).toHaveLength(1);
    const refused = notifier(env).deliver(toNtfy(lab.url, {}, 'WRONG'), signal());
    await expect(refused).rejects.toMatchObject({
      problem: {
        code: 'system-refused',
        message: expect.stringContaining('answered 401 (error 40101)') as string,
      },
    });
    await expect(
      notifier(env).deliver(toNtfy(lab.url, { topic: 'other' }, 'NTFY'), signal()),
    ).rejects.toMatchObject({
      problem: { message: expect.stringContaining('403 (error 40301)') as string },
    });
    expect(lab.requests).toHaveLength(3);
  });

  test('that finds the message malformed is not asked again', async () => {
    const lab = await ntfyLab();
    await expect(notifier().deliver(toNtfy(lab.url, { topic: 'no topic' }), signal())).rejects.toMatchObject({
      problem: { code: 'system-rejected', message: 'The ntfy server answered 400 (error 40009).' },
    });
    expect(lab.requests).toHaveLength(1);
  });

  test('with too many messages gets this one later', async () => {
    const lab = await ntfyLab({ burst: 1, refillMs: 1_000_000 });
    const { deliver, pauses } = notifier();
    await deliver(toNtfy(lab.url), signal());
    await expect(deliver(toNtfy(lab.url), signal())).rejects.toMatchObject({
      problem: {
        code: 'system-busy',
        message: 'The ntfy server answered 429 (error 42901): too many messages.',
      },
    });
    expect(pauses).toEqual([1, 2, 4]);
  });
});

describe('a webhook', () => {
  test('gets JSON and its token', async () => {
    const lab = await webhookLab({ token: 'bearer-canary' });
    await notifier({ HOOK: lab.address, TOKEN: 'bearer-canary' }).deliver(toWebhook, signal());
    expect(lab.caught).toEqual([{ version: 1 }]);
  });

  test('whose address holds a name and a password is asked with them', async () => {
    const lab = await webhookLab();
    const address = lab.address.replace('http://', 'http://ana:p%40ss@');
    await notifier({ HOOK: address }).deliver({ ...toWebhook, token: null }, signal());
    expect(lab.requests[0]?.headers['authorization']).toBe(
      `Basic ${Buffer.from('ana:p@ss').toString('base64')}`,
    );
  });

  test('that fails three times, breaks off or is slow gets it with the next try', async () => {
    const lab = await webhookLab();
    const { deliver, pauses } = notifier({ HOOK: lab.address, TOKEN: 'x' }, { ...quick, attemptMs: 300 });
    lab.faults.next({ status: 500, times: 3 });
    await deliver(toWebhook, signal());
    lab.faults.next({ reset: true });
    lab.faults.next({ hang: true });
    await deliver(toWebhook, signal());
    expect(lab.caught).toHaveLength(2);
    expect(pauses).toEqual([1, 2, 4, 1, 2]);
  });

  test('that says when to come back is left alone until then; who asks for too long is given up', async () => {
    const lab = await webhookLab();
    const { deliver, pauses } = notifier({ HOOK: lab.address, TOKEN: 'x' });
    lab.faults.next({ status: 429, retryAfter: '2' });
    lab.faults.next({ status: 503, retryAfter: new Date(Date.now() - 5_000).toUTCString() });
    await deliver(toWebhook, signal());
    expect(pauses).toEqual([2_000, 0]);
    lab.faults.next({ status: 429, retryAfter: '3600' });
    await expect(deliver(toWebhook, signal())).rejects.toMatchObject({ problem: { code: 'system-busy' } });
    expect(lab.requests).toHaveLength(4);
  });

  test('that leads somewhere else is not followed', async () => {
    const lab = await webhookLab();
    lab.faults.next({ status: 307 });
    const sent = notifier({ HOOK: lab.address, TOKEN: 'x' }).deliver(toWebhook, signal());
    await expect(sent).rejects.toMatchObject({ problem: { code: 'system-rejected' } });
    expect(lab.requests).toHaveLength(1);
  });

  test.each([
    ['is gone', {}],
    ['is not an address', { HOOK: 'not-an-address-canary' }],
    ['speaks another protocol', { HOOK: 'ftp://canary-host/canary-path' }],
    ['has no value', { HOOK: '' }],
  ])('whose address %s is never named', async (_, env) => {
    const lab = await webhookLab();
    await lab.goDown();
    const address = `${lab.address}/canary-path?key=canary-key`;
    const failed: unknown = await notifier({ HOOK: address, TOKEN: 'token-canary', ...env })
      .deliver(toWebhook, signal())
      .catch((error: unknown) => (error as { problem: unknown }).problem);
    expect(failed).toHaveProperty('code');
    expect(JSON.stringify(failed)).not.toMatch(/canary|127\.0\.0\.1/);
  });

  test('is not asked again once the engine gives up', async () => {
    const lab = await webhookLab();
    const stop = new AbortController();
    lab.faults.next({ hang: true });
    const sent = notifier({ HOOK: lab.address, TOKEN: 'x' }, { ...quick, attemptMs: 60_000 }).deliver(
      toWebhook,
      stop.signal,
    );
    await expect.poll(() => lab.requests.length).toBe(1);
    stop.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('what sentinel.yml names', () => {
  const env = (address: string) => ({ HOOK: address, TOKEN: 'token-canary', NTFY: 'tk_canary' });
  const refused = async (delivery: Delivery, address: string, sendTo: SendTo): Promise<string> => {
    const failed: unknown = await notifier(env(address), quick, sendTo)
      .deliver(delivery, signal())
      .catch((error: unknown) => (error as { problem: unknown }).problem);
    expect(failed).toMatchObject({ code: 'system-refused' });
    expect(JSON.stringify(failed)).not.toContain('canary');
    return (failed as { message: string }).message;
  };

  test('is told where bot.yml binds both the address and the token to it', async () => {
    const lab = await webhookLab({ token: 'token-canary' });
    const { origin } = new URL(lab.address);
    const sendTo = { HOOK: [origin], TOKEN: [origin] };
    await notifier(env(lab.address), quick, sendTo).deliver(toWebhook, signal());
    expect(lab.caught).toHaveLength(1);
  });

  test('is asked nothing where the address or the token is not bound to it', async () => {
    const lab = await webhookLab();
    const { origin } = new URL(lab.address);
    const noHook = await refused(toWebhook, lab.address, { TOKEN: [origin] });
    const noToken = await refused(toWebhook, lab.address, { HOOK: [origin] });
    const discord = await refused(toDiscord, lab.address, { HOOK: ['https://discord.com'] });
    expect([noHook, noToken, discord]).toEqual([
      'HOOK may not be used as an address: bot.yml does not allow it.',
      'TOKEN may not be sent to the address in HOOK: bot.yml does not allow it.',
      'HOOK may not be used as an address: bot.yml does not allow it.',
    ]);
    expect(lab.requests).toEqual([]);
  });

  test('gets the token of ntfy only where that may go', async () => {
    const lab = await ntfyLab();
    const said = await refused(toNtfy(lab.url, {}, 'NTFY'), lab.url, { NTFY: ['https://ntfy.sh'] });
    expect(said).toBe(`NTFY may not be sent to ${lab.url}: bot.yml does not allow it.`);
    expect(lab.requests).toEqual([]);
    await notifier(env(lab.url), quick, { NTFY: [lab.url] }).deliver(toNtfy(lab.url, {}, 'NTFY'), signal());
    expect(lab.requests).toHaveLength(1);
  });
});

describe('a Discord webhook', () => {
  test('posts into its channel and calls nobody', async () => {
    const lab = await discordLab();
    await notifier({ HOOK: lab.webhook('news') }).deliver(toDiscord, signal());
    const posted = [...lab.state.messages.values()];
    expect(posted).toMatchObject([
      { channelId: lab.channel('news').id, content: '✅ **Grafana deployed** @everyone', pinged: [] },
    ]);
    expect(lab.contract.violations).toEqual([]);
  });

  test('that is limited is asked again when Discord says so', async () => {
    const lab = await discordLab();
    const { deliver, pauses } = notifier({ HOOK: lab.webhook('news') });
    lab.faults.next({ path: '/webhooks/{webhook_id}/{webhook_token}', status: 429, retryAfter: 0.35 });
    await deliver(toDiscord, signal());
    expect(pauses).toEqual([350]);
    expect(lab.state.messages.size).toBe(1);
  });

  test('that was deleted is said in a sentence without its address', async () => {
    const lab = await discordLab();
    const address = lab.webhook('news');
    lab.state.webhooks.clear();
    await expect(notifier({ HOOK: address }).deliver(toDiscord, signal())).rejects.toMatchObject({
      problem: {
        code: 'system-rejected',
        message: 'The Discord webhook answered 404 (error 10015): there is nothing at that address.',
      },
    });
  });

  test('with a wrong token, or a message Discord does not take, is not asked again', async () => {
    const lab = await discordLab();
    const address = lab.webhook('news');
    await expect(notifier({ HOOK: `${address}x` }).deliver(toDiscord, signal())).rejects.toMatchObject({
      problem: { code: 'system-refused' },
    });
    const empty = { ...toDiscord, body: {} };
    await expect(notifier({ HOOK: address }).deliver(empty, signal())).rejects.toMatchObject({
      problem: { code: 'system-rejected' },
    });
    expect(lab.state.requests).toHaveLength(2);
  });
});
