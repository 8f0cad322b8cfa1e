import { describe, expect, onTestFinished, test } from 'vitest';
import { createHealth, type Signs } from './support.ts';
import { botLab } from '../support/bot-lab.ts';
import { planOf, proposalOf } from '../support/plans.ts';

const ada = { id: 'discord:1', name: 'Ada', roles: [] };

async function asked(port: number, path: string, headers: Record<string, string> = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

describe('/metrics', () => {
  test('counts deployments by how they ended, also those of an earlier run', async () => {
    const lab = await botLab();
    const first = await lab.start();
    const request = { kind: 'deploy', service: 'grafana' } as const;
    const plan = planOf();
    first.engine.happen('d-1', {
      type: 'started',
      plan,
      proposal: null,
      request,
      actor: ada,
      approvedBy: [],
    });
    first.engine.happen('d-1', { type: 'step-started', step: plan.steps[0]!.id, phase: 'forward' });
    first.engine.happen('d-1', {
      ...{ type: 'step-failed', step: plan.steps[0]!.id, phase: 'forward' },
      problem: { code: 'health-failed', message: 'no' },
    });
    first.engine.happen('d-1', {
      ...{ type: 'finished', outcome: 'rolled-back', services: { grafana: 'rolled-back' }, problem: null },
    });
    const during = (await asked(first.bot.healthPort, '/metrics')).text;
    expect(during).toContain(
      'sentinel_deployment_duration_seconds_count{environment="production",outcome="rolled-back"} 1',
    );
    await first.die();
    const { bot, engine, store } = await lab.start();
    store.proposals.create(
      proposalOf({ state: 'pending', createdAt: new Date(Date.now() - 90_000).toISOString() }),
    );
    engine.happen('d-2', { type: 'started', plan, proposal: null, request, actor: ada, approvedBy: [] });
    const { text, type } = await asked(bot.healthPort, '/metrics');
    expect(type).toContain('text/plain');
    expect(text).toContain('sentinel_deployments_total{environment="production",outcome="rolled-back"} 1');
    expect(text).toContain(`sentinel_failed_steps_total{stage="${plan.steps[0]!.stage}",phase="forward"} 1`);
    expect(text).toContain(
      'sentinel_service_last_deployment_good{environment="production",service="grafana",outcome="rolled-back"} 0',
    );
    expect(text).toContain('sentinel_deployments_total{environment="production",outcome="failed"} 0');
    expect(text).toContain('sentinel_deployments_unfinished{state="running"} 1');
    expect(text).toContain('sentinel_requests_pending 1');
    expect(Number(/^sentinel_request_oldest_age_seconds (\S+)/m.exec(text)?.[1])).toBeGreaterThanOrEqual(90);
    expect(text).toContain('sentinel_discord_connected 1');
    expect(text).toMatch(/sentinel_build_info\{version="\d/);
    expect(text).toContain('process_resident_memory_bytes');
  });

  test('is read only by whoever shows the token, where one is configured', async () => {
    const lab = await botLab({ metrics: { token: 'pr0m' } });
    const { bot } = await lab.start();
    const none = await asked(bot.healthPort, '/metrics');
    const wrong = await asked(bot.healthPort, '/metrics', { authorization: 'Bearer prom' });
    const right = await asked(bot.healthPort, '/metrics', { authorization: 'Bearer pr0m' });
    expect([none.status, wrong.status, right.status]).toEqual([401, 401, 200]);
    expect(right.text).not.toContain('pr0m');
  });
});

describe('/readyz', () => {
  test('is good once the bot answers, and not any more when it ends', async () => {
    const lab = await botLab();
    const { bot, engine } = await lab.start();
    expect((await asked(bot.healthPort, '/readyz')).status).toBe(200);
    let end = (): void => undefined;
    engine.stopping = new Promise((resolve) => (end = resolve));
    const stopped = bot.stop();
    const { status, text } = await asked(bot.healthPort, '/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ ready: false, status: 'ok' });
    end();
    await stopped;
  });

  test('is not good without a connection, although the bot is well', async () => {
    const signs: Signs = { connected: false, open: true };
    const health = await createHealth(signs);
    onTestFinished(() => health.close());
    const of = async (path: string) => (await asked(health.port, path)).status;
    expect([await of('/healthz'), await of('/readyz')]).toEqual([200, 503]);
    signs.connected = true;
    expect(await of('/readyz')).toBe(200);
    signs.open = false;
    expect(await of('/readyz')).toBe(503);
  });
});
