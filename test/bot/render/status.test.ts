import { describe, expect, test } from 'vitest';
import { parseCustomId } from '../../../bot/buttons.ts';
import { renderApproval } from '../../../bot/render/approval.ts';
import { fit } from '../../../bot/render/limits.ts';
import { parseLookedAt, renderRequests, renderStatus } from '../../../bot/render/status.ts';
import { statisticsOf } from '../../../engine/index.ts';
import type { DeploymentRecord, FleetStatus, ServiceStatus } from '../../../engine/index.ts';
import { ada, ben, planOf, proposalOf } from '../support/plans.ts';
import { drifted, wellAround } from '../support/around.ts';
import { shown } from '../support/shown.ts';

const at = (second: number): string =>
  new Date(Date.parse('2026-03-01T10:00:00.000Z') + second * 1000).toISOString();

function service(change: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    ...{ service: 'grafana', displayName: 'Grafana', category: 'monitoring', host: 'media' },
    desired: { state: 'good', text: 'matches Git' },
    running: { state: 'good', text: '1 of 1 running' },
    health: { state: 'good', text: 'healthy' },
    containers: [
      {
        ...{ name: 'grafana', container: 'grafana', image: 'grafana/grafana:10.1' },
        ...{ digest: `sha256:${'ab'.repeat(32)}`, state: 'running', health: 'healthy', restarts: 0 },
        startedAt: at(0),
      },
    ],
    release: {
      ...{ id: 'r-1', service: 'grafana', revision: '3f2a1c9d', deployment: 'd-1', createdAt: at(0) },
      ...{ files: {}, env: {}, images: {}, checks: null, verifiedAt: at(9) },
    },
    url: 'https://grafana.home.lan',
    systems: [],
    ...change,
  };
}
const record: DeploymentRecord = {
  ...{ id: 'd-1', proposal: null, plan: planOf(), request: { kind: 'deploy', service: 'grafana' } },
  ...{ actor: ada, approvedBy: [], startedAt: at(0), finishedAt: at(12), outcome: 'succeeded' },
};
const status = (change: Partial<FleetStatus> = {}): FleetStatus => ({
  ...{ environment: 'production', revision: planOf().revision, services: [service()] },
  ...{ problems: [], pending: [], running: [], attention: [], history: [] },
  statistics: statisticsOf({ outcomes: [], recoveries: [] }, 30),
  ...change,
});

describe('the fleet', () => {
  test('by host with three lights each, and in words what is wrong', () => {
    const services = [
      service(),
      service({
        ...{ service: 'metube', displayName: 'MeTube', desired: { state: 'bad', text: 'image differs' } },
        health: { state: 'unknown', text: 'starting' },
      }),
      service({ service: 'n8n', displayName: 'n8n', host: 'apps' }),
    ];
    const pending = [proposalOf({ state: 'pending' })];
    const attention: DeploymentRecord[] = [{ ...record, outcome: 'needs-attention' }];
    expect(shown(renderStatus(status({ services, pending, attention }), null))).toMatchInlineSnapshot(`
      "⚠️ 1 of 3 services needs a look, a person is needed
      files · running · health
      ✅ good ❌ bad ❔ unknown ➖ no check
      🚨 Needs a person
        **Deploy grafana · production** (\`d-1\`) — needs attention
      🟡 Waits for approval
        **Deploy grafana · production** by <@100000000000000001>, expires <t:1772362800:R> (\`p-7k3m2q\`)
      media
        ❌✅❔ MeTube — image differs · starting
        ✅✅✅ Grafana
      apps
        ✅✅✅ n8n
      (commit 3f2a1c9d · production)
      [Refresh]"
    `);
  });

  test('of a hundred services still fits one message', () => {
    const services = Array.from({ length: 100 }, (_, i) =>
      service({ service: `s${i}`, displayName: `Service number ${i}`, host: `host-${i % 30}` }),
    );
    const { embeds, files } = fit(renderStatus(status({ services }), null));
    expect(files.map(({ name }) => name)).toEqual(['status.txt']);
    expect(JSON.stringify(embeds).length).toBeLessThan(8000);
    expect(embeds[0]?.fields?.length).toBeLessThanOrEqual(25);
  });
});

describe('nothing vanishes', () => {
  const unwell = { desired: { state: 'unknown', text: 'the host could not be asked' } } as const;

  test('a light nobody could read is not well', () => {
    const text = shown(renderStatus(status({ services: [service(unwell), service()] }), null));
    expect(text).toContain('⚠️ 1 of 2 services needs a look');
  });

  test('on a long host what needs a look comes first and the rest is counted, with the list as a file', () => {
    const services = Array.from({ length: 40 }, (_, i) =>
      service({
        ...{ service: `s${i}`, displayName: `Service number ${i}`, ...(i >= 24 ? unwell : {}) },
      }),
    );
    const text = shown(renderStatus(status({ services }), null));
    for (let i = 24; i < 40; i += 1) expect(text).toContain(`Service number ${i} — `);
    expect(text).toContain('✅ 24 more as they should be');
    expect(text).toContain('📎 status.txt');
    expect(text).not.toContain('✂');
  });

  test('more requests than a list holds are still all there', () => {
    const pending = Array.from({ length: 60 }, (_, i) => proposalOf({ id: `p-${i}`, state: 'pending' }));
    const { embeds, files } = fit(renderRequests(pending));
    const seen = `${embeds[0]?.description} ${files.map(({ text }) => text).join()}`;
    for (const { id } of pending) expect(seen).toContain(id);
    expect(seen).toContain('The list has the first 25');
  });
});

describe('a service that was never deployed', () => {
  const never = service({
    ...{ service: 'paperless', displayName: 'Paperless-ngx', containers: [], release: null },
    desired: { state: 'none', text: 'not deployed yet' },
    running: { state: 'none', text: 'nothing runs' },
    health: { state: 'none', text: 'no health check' },
    systems: drifted.filter(({ drift }) => drift.every(({ kind }) => kind === 'missing')).slice(0, 1),
  });

  test('has no crosses and is not among those that need a look', () => {
    const text = shown(renderStatus(status({ services: [service(), never] }), null));
    expect(text).toContain('✅ 1 service, all as it should be; 1 not deployed yet\n');
    expect(text).toContain('➖ Paperless-ngx: not deployed yet\n');
    const trouble = service({ displayName: 'Bad', running: { state: 'bad', text: 'nothing runs' } });
    expect(shown(renderStatus(status({ services: [trouble, never] }), null))).toContain(
      '⚠️ 1 of 2 services needs a look, 1 not deployed yet\n',
    );
    expect(shown(renderStatus(status({ services: [never] }), 'paperless'))).toContain(
      '➖ Paperless-ngx · media\n',
    );
  });
});

describe('one service', () => {
  test('says first that it is being deployed, and offers nothing else to do until that ends', () => {
    const running = [{ ...record, outcome: null, finishedAt: null }];
    const text = shown(
      renderStatus(status({ services: [service({ systems: drifted })], running }), 'grafana'),
    );
    expect(text.split('\n').slice(0, 2)).toEqual(['⏳ Grafana · media', '**Being deployed now.**']);
    expect(text.split('\n').at(-1)).toBe('[Refresh]');
    expect(text).not.toContain('Put back');
  });

  test('shows containers, image and digest, release and the last deployments', () => {
    expect(shown(renderStatus(status({ history: [record] }), 'grafana'))).toMatchInlineSnapshot(`
      "✅ Grafana · media
      ✅ **files** as in Git
      ✅ **running** 1 of 1 running
      ✅ **health** healthy
      https://grafana.home.lan
      grafana
        \`grafana/grafana:10.1\` \`abababab\`
        running, healthy, started <t:1772359200:R>
      Release
        \`r-1\` <t:1772359200:R>, commit \`3f2a1c9d\`, verified <t:1772359209:R>
      Last deployments
        ✅ 10.1 (3f2a1c9d) <t:1772359200:R>, 12s · <@100000000000000001>
      (commit 3f2a1c9d · production)
      [Refresh]"
    `);
  });

  test('can be refreshed from its button alone', () => {
    const { components } = fit(renderStatus(status(), 'grafana'));
    const id = JSON.stringify(components).match(/"custom_id":"([^"]+)"/)?.[1] ?? '';
    expect(parseLookedAt(parseCustomId(id)!.id)).toEqual({ environment: 'production', service: 'grafana' });
  });
});

describe('an approval card', () => {
  const vote = { by: ben, verdict: 'approve', reason: null, at: at(5) } as const;
  const rule = { ...proposalOf().rule, required: 2, roles: ['42'], reasons: ['production needs two'] };

  test('says who may not, how many are missing, and who voted', () => {
    const text = shown(renderApproval(proposalOf({ state: 'pending', rule, votes: [vote] }), null));
    expect(text).toContain('🟡 Approval needed · Deploy grafana · production');
    expect(text).toContain('1 more approval needed from somebody else, by <t:1772362800:t>.');
    expect(text).toContain('👍 yes · <@100000000000000002>');
    expect(text).toContain('[Approve] [Reject…] [Full diff]');
  });

  test.each([
    ['running', '✅ Approved'],
    ['done', '✅ Approved'],
    ['rejected', '⛔ Rejected'],
    ['expired', '⌛ Expired'],
    ['stale', '🔀 Stale'],
  ] as const)('that is %s says so and has no vote buttons', (state, word) => {
    const text = shown(renderApproval(proposalOf({ state, rule, votes: [vote] }), null));
    expect(text).toContain(word);
    expect(text).not.toContain('[Approve]');
  });
});

describe('what is around the services', () => {
  const blocked = {
    stage: 'dns',
    light: { state: 'bad', text: 'grafana.home.example.net is somebody else’s record (192.168.1.2)' },
    drift: [],
  } as const;
  const missing = drifted.slice(0, 1);

  test('has a light of its own in the fleet, with what differs in few words', () => {
    const services = [
      service({ displayName: 'Drifts', systems: drifted }),
      service({ displayName: 'Well', systems: wellAround }),
      service({ displayName: 'Blocked', systems: [blocked] }),
      service({ displayName: 'Alone' }),
      service({
        ...{ displayName: 'New', systems: missing, containers: [], release: null },
        desired: { state: 'bad', text: 'not deployed' },
        running: { state: 'bad', text: 'nothing runs' },
      }),
    ];
    expect(shown(renderStatus(status({ services }), null))).toMatchInlineSnapshot(`
      "⚠️ 3 of 5 services need a look
      files · running · health · systems
      ✅ good ❌ bad ❔ unknown ➖ none
      media
        ✅✅✅❌ Drifts — traefik missing · dns differs · authentik could not be asked · glance left over
        ✅✅✅❌ Blocked — dns conflict
        ❌❌✅❌ New — not deployed
        ✅✅✅✅ Well
        ✅✅✅➖ Alone
      (commit 3f2a1c9d · production)
      [Refresh]"
    `);
  });

  test('of seventy services that all drift still fits one message, with every difference in the file', () => {
    const services = Array.from({ length: 70 }, (_, i) =>
      service({
        ...{ service: `s${i}`, displayName: `Service number ${i}`, host: `host-${i % 7}` },
        systems: drifted,
      }),
    );
    const { embeds, files } = fit(renderStatus(status({ services }), null));
    const text = JSON.stringify(embeds);
    for (let i = 0; i < 70; i += 1) expect(text).toContain(`Service number ${i} `);
    expect(text).not.toContain('✂');
    expect(text).toContain('✅✅✅❌ Service number 7 — 4 systems');
    expect(files[0]?.text).toContain('address: 192.168.40.9 → 192.168.40.20');
  });

  test('is told for one service system by system, with what Put back would change', () => {
    expect(shown(renderStatus(status({ services: [service({ systems: drifted })] }), 'grafana')))
      .toMatchInlineSnapshot(`
        "⚠️ Grafana · media
        ✅ **files** as in Git
        ✅ **running** 1 of 1 running
        ✅ **health** healthy
        ❌ **route** missing
        ❌ **name** differs
        ❔ **sign-on** could not be asked
        ❌ **dashboard** left over
        https://grafana.home.lan
        Put back would change
          🌐 grafana.home.example.net: missing, comes back
          🧭 grafana.home.example.net: address 192.168.40.9 → 192.168.40.20
          🗂 bookmark Grafana: left over, goes
          *Keep* can write 1 of 3 into Git.
        grafana
          \`grafana/grafana:10.1\` \`abababab\`
          running, healthy, started <t:1772359200:R>
        Release
          \`r-1\` <t:1772359200:R>, commit \`3f2a1c9d\`, verified <t:1772359209:R>
        (commit 3f2a1c9d · production)
        [Put back] [Keep] [Refresh]"
      `);
  });

  test('offers Keep only where Git can come to say what is there, and nothing where all is well', () => {
    const buttons = (change: Partial<ServiceStatus>): string =>
      shown(renderStatus(status({ services: [service(change)] }), 'grafana'))
        .split('\n')
        .at(-1) ?? '';
    expect(buttons({ systems: drifted })).toBe('[Put back] [Keep] [Refresh]');
    expect(buttons({ systems: missing })).toBe('[Put back] [Refresh]');
    expect(buttons({ systems: wellAround })).toBe('[Refresh]');
    expect(buttons({ systems: [blocked] })).toBe('[Refresh]');
    expect(buttons({ desired: { state: 'bad', text: 'image differs' } })).toBe('[Put back] [Refresh]');
    const notThere = { state: 'bad', text: 'not deployed' } as const;
    expect(buttons({ desired: notThere, containers: [], release: null })).toBe('[Refresh]');
    expect(buttons({ systems: drifted, containers: [], release: null })).toBe('[Put back] [Refresh]');
  });

  test('says the whole sentence of what is in the way where one service is shown', () => {
    const text = shown(renderStatus(status({ services: [service({ systems: [blocked] })] }), 'grafana'));
    expect(text).toContain('❌ **name** grafana.home.example.net is somebody else’s record (192.168.1.2)');
  });

  test('that could not be asked is said once, and folds services that have no other trouble', () => {
    const systems = [
      { stage: 'dns', light: { state: 'unknown', text: 'could not be asked' }, drift: [] },
    ] as const;
    const services = Array.from({ length: 60 }, (_, i) =>
      service({ service: `s${i}`, displayName: `S${i}`, systems }),
    );
    expect(shown(renderStatus(status({ services }), null))).toMatchInlineSnapshot(`
      "⚠️ 60 services, not everything could be asked
      ❔ dns could not be asked for 60 services
      files · running · health · systems
      ✅ good ❌ bad ❔ unknown ➖ none
      media
        ❔ 60 as they should be, as far as could be asked
      (commit 3f2a1c9d · production)
      [Refresh]
      📎 status.txt"
    `);
  });

  test('says of what is in the way what it is, and leaves the advice to the plan', () => {
    const text =
      'Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make. It is left as it is: remove it.';
    const systems = [{ stage: 'dns', light: { state: 'bad', text }, drift: [] }] as const;
    const one = shown(renderStatus(status({ services: [service({ systems })] }), 'grafana'));
    expect(one).toContain(
      '❌ **name** Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make\n',
    );
  });

  test('has buttons that carry only where and what, for names as long as there are', () => {
    const name = 'a'.repeat(63);
    const long = status({ services: [service({ service: name, systems: drifted })] });
    const text = JSON.stringify(fit(renderStatus(long, name)).components);
    expect(text).toContain(`put-back:production ${name}`);
    expect(text).toContain(`keep:production ${name}`);
  });
});
