import { afterEach, describe, expect, test } from 'vitest';
import type { Log } from '../../engine/index.ts';
import { startDiscord, type DiscordLab } from '../../lab/discord/index.ts';
import { startNtfy, startWebhook, type NtfyLab, type WebhookLab } from '../../lab/sinks/index.ts';
import { eventually } from '../eventually.ts';
import { app, openEngineHouse, type EngineHouse } from './engine-house.ts';
import { webService } from '../../lab/house/definitions.ts';
import { ana } from './fixtures.ts';

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

/** An engine whose house names every sink; each of them runs. */
interface Told {
  readonly house: EngineHouse;
  readonly discord: DiscordLab;
  readonly ntfy: NtfyLab;
  readonly webhook: WebhookLab;
  readonly lines: string[];
}
let told: Told | undefined;
afterEach(async () => {
  await told?.house.close();
  await told?.ntfy.close();
  await told?.webhook.close();
  await told?.discord.close();
  told = undefined;
});

const canary = 'canary-5f1e07';

async function open(): Promise<Told> {
  const discord = await startDiscord({ channels: ['news'] });
  const ntfy = await startNtfy({ tokens: { [`tk_${canary}`]: ['homelab'] } });
  const webhook = await startWebhook({ token: `bearer-${canary}` });
  const lines: string[] = [];
  const house = await openEngineHouse({
    inventory: `systems:
  discord: { webhook: DISCORD_WEBHOOK }
  ntfy: { url: ${ntfy.url}, topic: homelab, token: NTFY_TOKEN }
  webhook: { url: HOOK_URL, token: HOOK_TOKEN }
`,
    secrets: {
      DISCORD_WEBHOOK: discord.webhook('news'),
      NTFY_TOKEN: `tk_${canary}`,
      HOOK_URL: webhook.address,
      HOOK_TOKEN: `bearer-${canary}`,
      APP_PASSWORD: `password-${canary}`,
    },
    notifierPace: { attemptMs: 60_000, retries: 3, pauseMs: 10, mostPauseMs: 1_000 },
    log: linesLog(lines),
  });
  told = { house, discord, ntfy, webhook, lines };
  return told;
}

async function define({ house }: Told, image: string): Promise<void> {
  const more =
    '  secrets: [{ name: PASSWORD, source: APP_PASSWORD }]\nnotifications:\n  ntfy: { enabled: true }';
  const text = webService({ name: app.name, host: house.world.hosts[0]!.name, image, port: 18_080, more });
  await house.services.commit({ [app.file]: text }, `feat: ${image}`);
}

async function deploy({ house }: Told): Promise<string> {
  const proposal = await house.engine.propose({ kind: 'deploy', service: app.name }, ana, signal());
  if (!proposal.ok) throw new Error(JSON.stringify(proposal.problems));
  const started = await house.engine.start(proposal.value.id, ana, signal());
  if (!started.ok || started.value.kind !== 'started') throw new Error(JSON.stringify(started));
  await house.engine.finished(started.value.deployment);
  return started.value.deployment;
}

describe('the end of a deployment', () => {
  test('is told once to every sink, and no secret is in anything sent or logged', async () => {
    const t = await open();
    await define(t, t.house.image('web:1'));
    const deployment = await deploy(t);
    await eventually(
      () => t.webhook.caught.length > 0 && t.ntfy.messages.length > 0 && t.discord.state.messages.size > 0,
    );
    await t.house.engine.stop(1_000);
    expect(t.webhook.caught).toMatchObject([
      {
        ...{
          version: 1,
          event: 'deployment-finished',
          deployment,
          outcome: 'succeeded',
          title: '✅ app deployed',
        },
        ...{ environment: 'production', repository: 'homelab', problem: null, actor: { name: 'ana' } },
        services: [{ name: 'app', action: 'add', outcome: 'succeeded', host: t.house.world.hosts[0]!.name }],
      },
    ]);
    expect(t.ntfy.messages).toMatchObject([
      { topic: 'homelab', title: 'app deployed', tags: ['white_check_mark'] },
    ]);
    expect([...t.discord.state.messages.values()]).toMatchObject([
      { content: '✅ **app deployed**', pinged: [] },
    ]);
    const sent = JSON.stringify([
      t.webhook.requests.map(({ text }) => text),
      t.ntfy.messages,
      [...t.discord.state.messages],
    ]);
    expect(sent).not.toContain(canary);
    expect(t.lines.join('\n')).not.toContain(canary);
    expect(t.lines.join('\n')).not.toContain(t.webhook.address);
  });

  test('of one that was put back says so, and why', async () => {
    const t = await open();
    await define(t, t.house.image('web:1'));
    await deploy(t);
    await define(t, t.house.image('crash:1'));
    const deployment = await deploy(t);
    expect(t.house.store.deployments.get(deployment)?.outcome).toBe('rolled-back');
    const second = await eventually(() => t.ntfy.messages[1]);
    expect(second).toMatchObject({ title: 'app rolled back', priority: 4 });
    expect(second.message).toContain('What ran before runs again.');
  });

  test('is the same and comes no later when no sink ever answers', async () => {
    const t = await open();
    await define(t, t.house.image('web:1'));
    t.webhook.faults.next({ hang: true });
    t.ntfy.faults.next({ hang: true });
    await t.discord.goDown();
    const deployment = await deploy(t);
    expect(t.house.store.deployments.get(deployment)?.outcome).toBe('succeeded');
    expect(t.house.store.journal.events(deployment).at(-1)).toMatchObject({
      type: 'finished',
      outcome: 'succeeded',
    });
    // Its locks are free: the next request is planned and started while the sinks still hang.
    await eventually(() => t.webhook.faults.pending() + t.ntfy.faults.pending() === 0);
    await define(t, t.house.image('web:2'));
    await deploy(t);
    await eventually(() => t.webhook.caught.length === 1);
    await t.house.engine.stop(1_000);
    expect(t.lines.filter((line) => line.includes('could not be announced')).length).toBeGreaterThan(0);
    expect(t.lines.join('\n')).not.toMatch(new RegExp(`${canary}|/hooks/|/api/webhooks/`));
  });
});

/** A log that keeps every line with all its fields, as they would be printed. */
function linesLog(lines: string[], bound: object = {}): Log {
  const write = (fields: object, message: string): void =>
    void lines.push(
      JSON.stringify({ ...bound, ...fields, message }, (_, value: unknown) =>
        value instanceof Error
          ? Object.assign({}, value, { message: value.message, stack: value.stack })
          : value,
      ),
    );
  return {
    ...{ debug: write, info: write, warn: write, error: write },
    child: (fields) => linesLog(lines, { ...bound, ...fields }),
  };
}
