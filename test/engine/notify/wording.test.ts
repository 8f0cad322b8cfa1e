import { describe, expect, test } from 'vitest';
import { announcementOf, partOf, type Ended } from '../../../engine/notify/announcement.ts';
import { discordBody, ntfyBody, webhookBody } from '../../../engine/notify/bodies.ts';
import { deliveriesOf } from '../../../engine/notify/deliveries.ts';
import { wordingOf } from '../../../engine/notify/wording.ts';
import type { NotifyTargets, NotifyWish, Outcome, StepOf } from '../../../engine/index.ts';
import { ana, deployStep, inventory, plan, planned, service } from '../fixtures.ts';

const open = { redact: (text: string) => text };

function ended(more: Partial<Ended> = {}): Ended {
  return {
    deployment: 'd-234567',
    plan: plan({ services: [planned('grafana', { displayName: 'Grafana' })] }),
    scope: {
      inventory,
      services: [{ want: 'present', name: 'grafana', service: service('grafana'), owned: [] }],
    },
    request: { kind: 'deploy', service: 'grafana' },
    actor: ana,
    approvedBy: ['ben'],
    startedAt: '2026-11-21T07:00:00.000Z',
    finishedAt: '2026-11-21T07:00:42.000Z',
    outcome: 'succeeded',
    services: { grafana: 'succeeded' },
    problem: null,
    ...more,
  };
}
const told = (more: Partial<Ended> = {}) => announcementOf(ended(more), open);

describe('the words', () => {
  test.each([
    ['succeeded', '✅ Grafana deployed'],
    ['degraded', '🟠 Grafana deployed, but degraded'],
    ['rolled-back', '↩️ Grafana rolled back'],
    ['failed', '❌ Grafana was not deployed'],
    ['needs-attention', '🚨 Grafana needs attention'],
    ['cancelled', '🚫 Grafana cancelled'],
  ] as const)('say for %s: %s', (outcome: Outcome, title) => {
    const wording = wordingOf(told({ outcome, services: { grafana: outcome } }));
    expect(`${wording.symbol} ${wording.title}`).toBe(title);
  });

  test('say what changed, why it went wrong, what to do and who wanted it', () => {
    const problem = {
      code: 'health-failed' as const,
      message: 'Grafana did not become healthy within 30 s.',
      hint: 'Look at its log.',
    };
    const { lines, footer } = wordingOf(
      told({ outcome: 'rolled-back', services: { grafana: 'rolled-back' }, problem }),
    );
    expect(lines).toEqual([
      '1 → 2 on h1',
      'Grafana did not become healthy within 30 s.',
      'What ran before runs again.',
      '→ Look at its log.',
      'Asked by ana, approved by ben',
    ]);
    expect(footer).toBe('production · homelab@aaaaaaaa · d-234567');
  });

  test('name what changed around it, and leave out services that were only looked at', () => {
    const [step] = [deployStep('grafana')];
    const record: StepOf<'dns'> = {
      ...{
        id: '2 dns grafana',
        stage: 'dns',
        service: 'grafana',
        system: 'Pi-hole',
        target: 'grafana.home.lan',
      },
      ...{ cause: 'no record', changes: [], before: null },
      after: { name: 'grafana.home.lan', addresses: ['192.168.40.20'], entries: [] },
    };
    const around = plan({
      services: [planned('grafana'), planned('postgres', { action: 'none' })],
      steps: [{ ...step, after: step.before }, record],
    });
    const services = { grafana: 'succeeded', postgres: 'succeeded' } as const;
    expect(wordingOf(told({ plan: around, services }))).toMatchObject({
      title: 'grafana deployed',
      lines: ['same version on h1, with name', 'Asked by ana, approved by ben'],
    });
    const failed = told({ plan: around, outcome: 'failed', services: { ...services, postgres: 'failed' } });
    expect(failed.services.map(({ name, stages }) => [name, stages])).toEqual([
      ['grafana', ['deploy', 'dns']],
      ['postgres', []],
    ]);
  });

  test('say what runs now: of a first deployment nothing, of a later one what ran before', () => {
    const first = plan({ services: [planned('grafana', { action: 'add' })] });
    const linesOf = (outcome: Outcome, of?: Ended['plan']): readonly string[] =>
      wordingOf(told({ ...(of ? { plan: of } : {}), outcome, services: { grafana: outcome } })).lines;
    expect(linesOf('rolled-back', first)).toContain('What was started was removed again.');
    expect(linesOf('rolled-back')).toContain('What ran before runs again.');
    expect(linesOf('failed', first)).toContain('Nothing of it runs.');
    expect(linesOf('failed')).toContain('What ran before still runs.');
  });

  test('call a repair of what is around it a repair, and say the containers are as they were', () => {
    const record: StepOf<'dns'> = {
      ...{ id: '1 dns grafana', stage: 'dns', service: 'grafana', system: 'Pi-hole', target: 'a.lan' },
      ...{ cause: 'answers 10.9.9.9', changes: [] },
      before: { name: 'a.lan', addresses: ['10.9.9.9'], entries: [] },
      after: { name: 'a.lan', addresses: ['192.168.40.20'], entries: [] },
    };
    const repair = plan({
      services: [planned('grafana', { displayName: 'Grafana', action: 'modify' })],
      steps: [record],
    });
    const { title, lines } = wordingOf(told({ plan: repair }));
    expect(title).toBe('Grafana: its name was put right');
    expect(lines[0]).toBe('containers unchanged on h1, with name');
  });

  test('tell a rollback and a removal from a deployment', () => {
    const rollback = wordingOf(told({ request: { kind: 'rollback', service: 'grafana' } }));
    const gone = plan({ services: [planned('grafana', { displayName: 'Grafana', action: 'delete' })] });
    expect(rollback.title).toBe('Grafana rolled back');
    expect(wordingOf(told({ plan: gone })).title).toBe('Grafana removed');
    expect(wordingOf(told({ plan: gone })).lines[0]).toBe('removal on h1');
  });

  test('name another image in full, and count what would be too much', () => {
    const [step] = [deployStep('grafana')];
    const other = { ...step.after!, images: { web: { reference: 'other/web:7', digest: null } } };
    const changed = plan({
      services: [planned('grafana')],
      steps: [{ ...step, after: other }],
    });
    expect(wordingOf(told({ plan: changed })).lines[0]).toBe('web:1 → other/web:7 on h1');
    const names = Array.from({ length: 13 }, (_, index) => `s${index}`);
    const many = told({
      plan: plan({ services: names.map((name) => planned(name)), steps: [] }),
      services: Object.fromEntries(names.map((name) => [name, 'succeeded'])),
    });
    expect(wordingOf(many).title).toBe('13 services deployed');
    expect(wordingOf(many).lines).toHaveLength(12);
    expect(wordingOf(many).lines).toContain('…and 3 more');
  });

  test('hold no value of a secret', () => {
    const leaky = ended({
      outcome: 'failed',
      services: { grafana: 'failed' },
      actor: { ...ana, name: 'hunter2' },
      request: { kind: 'deploy', service: 'grafana', reason: 'because hunter2' },
      problem: {
        code: 'command-failed',
        message: 'login hunter2 failed',
        where: 'hunter2',
        hint: 'use hunter2',
      },
    });
    const clean = announcementOf(leaky, { redact: (text) => text.replaceAll('hunter2', '[secret P]') });
    expect(JSON.stringify([discordBody(clean), ntfyBody(clean, 't'), webhookBody(clean)])).not.toContain(
      'hunter2',
    );
  });
});

describe('a Discord message', () => {
  test('calls nobody and formats nothing that came from outside', () => {
    const body = discordBody(
      told({
        plan: plan({
          services: [planned('grafana', { displayName: '@everyone **[free](https://x.example)**' })],
        }),
        actor: { ...ana, name: '<@&123456789> `x`\n# big' },
        outcome: 'failed',
        services: { grafana: 'failed' },
        problem: { code: 'unexpected', message: '> quoted ||hidden|| ~~gone~~ _x_' },
      }),
    );
    expect(body).toMatchObject({
      content: '❌ **\\@everyone \\*\\*\\[free\\]\\(https:\u200b//x.example\\)\\*\\* was not deployed**',
      allowed_mentions: { parse: [] },
    });
    const text = JSON.stringify(body);
    expect(text).toContain(String.raw`\\<\\@&123456789\\> \\` + '`x');
    expect(text).toContain(String.raw`\\> quoted \\|\\|hidden\\|\\| \\~\\~gone\\~\\~ \\_x\\_`);
    expect(text).not.toContain('\\n# big');
  });

  test('stays within what Discord takes, whatever came from outside', () => {
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const services = names.map((name) => planned(name, { displayName: '*'.repeat(5000) }));
    const long = '_'.repeat(9000);
    const body = discordBody(
      told({ plan: plan({ services }), problem: { code: 'unexpected', message: long, hint: long } }),
    ) as { content: string; embeds: { description: string }[] };
    expect(body.content.length).toBeLessThanOrEqual(2000);
    expect(body.embeds[0]!.description.length).toBeLessThanOrEqual(4096);
  });
});

describe('an ntfy message', () => {
  test('is plain text with an emoji as its tag and a priority to match', () => {
    expect(ntfyBody(told(), 'homelab')).toEqual({
      topic: 'homelab',
      title: 'Grafana deployed',
      message: '1 → 2 on h1\nAsked by ana, approved by ben\nproduction · homelab@aaaaaaaa · d-234567',
      priority: 3,
      tags: ['white_check_mark'],
    });
    const bad = ntfyBody(told({ outcome: 'needs-attention', services: {} }), 'homelab');
    expect(bad).toMatchObject({ priority: 5, tags: ['rotating_light'] });
  });

  test('never grows so long that ntfy makes a file of it, and cuts no letter in half', () => {
    const services = Array.from({ length: 12 }, (_, i) =>
      planned(`s${i}`, { displayName: '日本語🙂'.repeat(90) }),
    );
    const long = '日本🙂'.repeat(2000);
    const { message, title } = ntfyBody(
      told({ plan: plan({ services }), problem: { code: 'unexpected', message: long, hint: long } }),
      'homelab',
    ) as { message: string; title: string };
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
    expect(`${message}${title}`).not.toMatch(/\uFFFD|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/);
    expect(message).toContain('production · homelab@aaaaaaaa · d-234567');
  });
});

describe('who is told', () => {
  const targets: NotifyTargets = {
    discord: { webhook: 'DISCORD_WEBHOOK' },
    ntfy: { url: 'https://ntfy.home.lan', topic: 'homelab', token: 'NTFY_TOKEN' },
    webhook: { url: 'HOOK', token: null },
  };
  const two = told({
    plan: plan({ services: [planned('grafana'), planned('loki')], steps: [] }),
    outcome: 'degraded',
    services: { grafana: 'succeeded', loki: 'degraded' },
    problem: { code: 'dns-wrong', message: 'loki has no address.' },
  });
  const quiet: NotifyWish = { discord: false, ntfy: null };
  const sinks = (wishes: Record<string, NotifyWish>, to = targets) =>
    deliveriesOf({ announcement: two, targets: to, wishes: new Map(Object.entries(wishes)) });

  test('every sink that is named, about the services that want it; the webhook about all of them', () => {
    const { deliveries } = sinks({
      grafana: { discord: true, ntfy: { topic: 'dashboards' } },
      loki: { discord: false, ntfy: { topic: null } },
    });
    expect(deliveries.map(({ sink, body }) => [sink, (body as { topic?: string }).topic])).toEqual([
      ['discord', undefined],
      ['ntfy', 'dashboards'],
      ['ntfy', 'homelab'],
      ['webhook', undefined],
    ]);
    expect(deliveries[0]!.body).toMatchObject({ content: '✅ **grafana deployed**' });
    expect(JSON.stringify(deliveries[0]!.body)).not.toContain('loki');
    expect(deliveries[3]!.body).toMatchObject({ outcome: 'degraded', services: [{}, {}] });
  });

  test('nobody but the webhook when no service wants it, and nobody at all when nothing is named', () => {
    expect(sinks({ grafana: quiet, loki: quiet }).deliveries.map(({ sink }) => sink)).toEqual(['webhook']);
    const none = { discord: null, ntfy: null, webhook: null };
    const wish = { discord: true, ntfy: { topic: null } };
    expect(sinks({ grafana: wish, loki: quiet }, none)).toEqual({ deliveries: [], withoutNtfy: ['grafana'] });
  });

  test('a part of a deployment has the outcome of its own services', () => {
    expect(partOf(two, new Set(['grafana']))).toMatchObject({ outcome: 'succeeded', problem: null });
    expect(partOf(two, new Set(['loki']))).toMatchObject({
      outcome: 'degraded',
      problem: { code: 'dns-wrong' },
    });
    expect(partOf(two, new Set(['other']))).toBeNull();
  });
});

describe('a pipeline', () => {
  const pipeline = { id: '#812', url: 'https://gitlab.home.lan/-/pipelines/812?a=(b)' };
  const lines = (body: object) =>
    (body as { embeds: { description: string }[] }).embeds[0]?.description.split('\n');

  test('is a link in Discord that nothing in its address can end early, and opens from ntfy', () => {
    const announced = { ...told(), pipeline };
    expect(lines(discordBody(announced))?.at(-1)).toBe(
      '[Pipeline \\#812](https://gitlab.home.lan/-/pipelines/812?a=%28b%29)',
    );
    expect(ntfyBody(announced, 'homelab')).toMatchObject({
      click: 'https://gitlab.home.lan/-/pipelines/812?a=%28b%29',
    });
    expect(webhookBody(announced)).toMatchObject({ pipeline });
  });

  test.each(['javascript:alert(1)', 'not an address', ''])('whose address is “%s” has no link', (url) => {
    const announced = { ...told(), pipeline: { id: '#812', url } };
    expect(JSON.stringify(discordBody(announced))).not.toContain('Pipeline');
    expect(ntfyBody(announced, 'homelab')).not.toHaveProperty('click');
  });

  test('of which no service is known is told wherever sentinel.yml says', () => {
    const announcement = { ...told(), outcome: 'failed' as const, services: [] };
    const targets: NotifyTargets = {
      discord: { webhook: 'HOOK' },
      ntfy: { url: 'http://ntfy.lan', topic: 'homelab', token: null },
      webhook: null,
    };
    const { deliveries } = deliveriesOf({ announcement, targets, wishes: new Map<string, NotifyWish>() });
    expect(deliveries.map(({ sink }) => sink)).toEqual(['discord', 'ntfy']);
    expect(wordingOf(announcement).title).toBe('The pipeline of homelab failed');
  });
});
