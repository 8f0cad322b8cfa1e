import { describe, expect, test } from 'vitest';
import type { Step } from '../../../engine/index.ts';
import { renderApproval } from '../../../bot/render/approval.ts';
import { renderProblems } from '../../../bot/render/problem.ts';
import { renderProposal } from '../../../bot/render/proposal.ts';
import { deployState, planOf, proposalOf, stepsOf } from '../support/plans.ts';
import { everywhere, moving } from '../support/around.ts';
import { shown } from '../support/shown.ts';

describe('a proposal', () => {
  test('shows the verdict first, then each step, the proof, and what happens if it fails', () => {
    expect(shown(renderProposal(proposalOf()))).toMatchInlineSnapshot(`
      "📋 Plan · Deploy grafana · production
      **1 container changes, about 5 s of downtime, nothing else.**
      <@100000000000000001> asks · commit \`3f2a1c9d\`
      Expires <t:1772362800:R>.
      grafana on media
        **grafana:10.0 → grafana:10.1**
      Then it is proved that
        1 container runs, port 3000 answers, \`/api/health\` is healthy
      If it fails
        What runs now is put back and checked again.
      (plan ab12cd34 · request p-7k3m2q)
      [Deploy] [Full diff]"
    `);
  });

  test('that needs approval says why and offers to ask, not to deploy', () => {
    const rule = { ...proposalOf().rule, required: 1, reasons: ['production needs one approval'] };
    expect(shown(renderProposal(proposalOf({ rule })))).toContain(
      '1 approval needed from somebody else, by <t:1772362800:t>.\n• production needs one approval',
    );
    expect(shown(renderProposal(proposalOf({ rule })))).toContain('[Request approval] [Full diff]');
  });

  test('lists risks with a sign, and those that always need somebody else with a lock', () => {
    const risks = [
      { code: 'latest-tag', service: 'grafana', message: 'grafana uses latest', alwaysApprove: false },
      { code: 'docker-socket', service: 'grafana', message: 'mounts the Docker socket', alwaysApprove: true },
    ] as const;
    const text = shown(renderProposal(proposalOf({ plan: planOf({ risks }) })));
    expect(text).toContain('⚠️ grafana uses latest\n');
    expect(text).toContain('⚠️ mounts the Docker socket 🔒\n');
  });

  test('with nothing to do is an answer with its proofs, and has no buttons', () => {
    const [service] = planOf().services;
    const plan = planOf({
      steps: [],
      services: [
        { ...service!, action: 'none', proof: ['2 files are the same', 'grafana/grafana:10.1 runs'] },
      ],
    });
    expect(shown(renderProposal(proposalOf({ plan })))).toMatchInlineSnapshot(`
      "✅ Nothing to do · production
      Everything is as commit \`3f2a1c9d\` says. Compared and found equal:
      Grafana · media
        ✅ 2 files are the same
        ✅ grafana/grafana:10.1 runs
      (plan ab12cd34 · request p-7k3m2q)"
    `);
  });

  test('of a first deployment says that what was started is removed again when it fails', () => {
    const steps = stepsOf().map((step) => ({ ...step, before: null }));
    const text = shown(renderProposal(proposalOf({ plan: planOf({ steps, downtime: 0 }) })));
    expect(text).toContain('1 container is added, no downtime, nothing else.');
    expect(text).toContain('What was started is removed again.');
  });

  test('that deletes volumes asks to confirm by typing, and never calls it harmless', () => {
    const step = stepsOf()[0]!;
    const steps: readonly Step[] = [
      {
        ...{ id: step.id, service: step.service, system: step.system, target: step.target, changes: [] },
        stage: 'deploy',
        ...{ cause: 'the definition is gone', irreversible: 'the volume data is deleted' },
        before: deployState('grafana/grafana:10.0'),
        after: deployState('', { images: {}, containers: {}, deleteVolumes: true }),
      },
    ];
    const text = shown(
      renderProposal(
        proposalOf({
          request: { kind: 'deploy', service: 'grafana', deleteVolumes: true },
          plan: planOf({ steps }),
        }),
      ),
    );
    expect(text).toContain('1 container is removed, its volumes are deleted for good');
    expect(text).not.toContain('nothing else');
    expect(text).toContain('It cannot be undone.');
    expect(text).toContain('[Delete volumes…] [Full diff]');
  });

  test('with many steps shows the first ones and says how many more there are', () => {
    const steps = Array.from({ length: 30 }, (_, i) => stepsOf(`service-${i}`)).flat();
    expect(shown(renderProposal(proposalOf({ plan: planOf({ steps }) })))).toContain('and 22 more steps');
  });

  test('that no longer is open keeps only the diff', () => {
    const text = shown(renderProposal(proposalOf({ state: 'expired' })));
    expect(text).toContain('[Full diff]');
    expect(text).not.toContain('[Deploy]');
  });
});

describe('a plan that leaves something out', () => {
  const message = 'Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make.';
  const risks = [{ code: 'conflict', service: 'grafana', message, alwaysApprove: false }] as const;

  test('with nothing else to do does not claim that all is well', () => {
    expect(shown(renderProposal(proposalOf({ plan: planOf({ steps: [], risks }) })))).toMatchInlineSnapshot(`
      "⚠️ Nothing Sentinel may change · production
      Not everything is as commit \`3f2a1c9d\` says: see Risks. The rest was compared and found equal.
      Risks
        ⚠️ Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make.
      Grafana · media
        no other difference found
      (plan ab12cd34 · request p-7k3m2q)"
    `);
  });

  test('says so in its verdict, and keeps the risk once it was decided', () => {
    const plan = planOf({ risks });
    const text = shown(renderProposal(proposalOf({ plan })));
    expect(text).toContain('about 5 s of downtime, but not everything: see Risks.');
    expect(text).not.toContain('nothing else');
    const approved = shown(renderApproval(proposalOf({ plan, state: 'done' }), null));
    expect(approved).toContain('Risks\n  ⚠️ Pi-hole has');
  });

  test('says a risk that needs somebody else once', () => {
    const lost = 'a.lan is no longer behind a sign-on.';
    const rule = { ...proposalOf().rule, required: 1, reasons: [lost] };
    const plan = planOf({
      risks: [{ code: 'sign-on-removed', service: 'grafana', message: lost, alwaysApprove: true }],
    });
    expect(shown(renderProposal(proposalOf({ plan, rule }))).split(lost)).toHaveLength(2);
  });
});

test('a step that only takes note of what is there is no change', () => {
  const steps = [...stepsOf(), ...moving().map((step) => ({ ...step, before: step.after }) as Step)];
  const noted = steps.filter(({ after }) => after !== null);
  expect(shown(renderProposal(proposalOf({ plan: planOf({ steps: noted }) })))).toContain(
    '1 container changes, about 5 s of downtime, nothing else.',
  );
});

test('a removal stops the service, for which seconds are no measure', () => {
  const steps = stepsOf().map((step) => ({ ...step, after: null }));
  expect(shown(renderProposal(proposalOf({ plan: planOf({ steps }) })))).toContain(
    '1 container is removed, the service stops, nothing else.',
  );
});

test('a route that comes behind a sign-on says that first, and not how it is written', () => {
  const changes = [
    { what: 'middlewares', before: 'a', after: 'b' },
    { what: 'content', before: 'c', after: 'd' },
  ];
  const [on] = moving().filter(({ stage }) => stage === 'traefik');
  const route = (before: boolean, after: boolean): Step =>
    on?.stage === 'traefik'
      ? {
          ...{ ...on, changes, before: { ...on.before!, signOn: before } },
          after: { ...on.after!, signOn: after },
        }
      : stepsOf()[0]!;
  const card = (step: Step): string => shown(renderProposal(proposalOf({ plan: planOf({ steps: [step] }) })));
  expect(card(route(false, true))).toContain(
    '🌐 route grafana.home.example.net: now asks people to sign on\n',
  );
  expect(card(route(true, false))).toContain(': no longer asks people to sign on\n');
});

test('a system that is down is named once, with what to do', () => {
  const problem = {
    code: 'system-unreachable',
    where: 'http://127.0.0.1:8053',
    message: 'Pi-hole at 127.0.0.1:8053 did not answer.',
  } as const;
  const text = shown(renderProblems([problem]));
  expect(text.split('127.0.0.1')).toHaveLength(2);
  expect(text).toContain('→ See that it runs');
});

describe('a plan over every system around a service', () => {
  const card = (change: Parameters<typeof planOf>[0]): string =>
    shown(renderProposal(proposalOf({ plan: planOf(change) })));

  test('has one short line for each of them below the containers', () => {
    expect(card({ steps: everywhere() })).toMatchInlineSnapshot(`
      "📋 Plan · Deploy grafana · production
      **1 container changes, 1 route, 1 name, 1 sign-on, 1 bookmark and 1 monitor are added, about 5 s of downtime, nothing else.**
      <@100000000000000001> asks · commit \`3f2a1c9d\`
      Expires <t:1772362800:R>.
      grafana on media
        **grafana:10.0 → grafana:10.1**
        🌐 new route grafana.home.example.net → 10.0.0.5:3030, behind sign-on
        🧭 new name grafana.home.example.net → 192.168.40.20
        🔒 new sign-on Grafana (forward auth)
        🗂 new bookmark Grafana in Monitoring
        🗂 new monitor Grafana in Services
      Then it is proved that
        1 container runs, port 3000 answers, \`/api/health\` is healthy
        grafana.home.example.net resolves to 192.168.40.20
        https://grafana.home.example.net/ asks people to sign on
      If it fails
        What runs now is put back and checked again. If only a route, name, sign-on or dashboard fails, the service keeps running: degraded.
      (plan ab12cd34 · request p-7k3m2q)
      [Deploy] [Full diff]"
    `);
  });

  test('says in one line what changes from what to what, and why something goes', () => {
    expect(card({ steps: moving(), downtime: 0 })).toMatchInlineSnapshot(`
      "📋 Plan · Deploy grafana · production
      **1 bookmark and 1 monitor are added, 1 route and 1 name change, 1 sign-on goes, no downtime, nothing else.**
      <@100000000000000001> asks · commit \`3f2a1c9d\`
      Expires <t:1772362800:R>.
      grafana
        🌐 route grafana.home.example.net: backend 10.0.0.4:3030 → 10.0.0.5:3030; sign-on no → yes
        🧭 name grafana.home.example.net: 192.168.40.9 → 192.168.40.20
        🔒 sign-on Grafana goes — Git asks for no sign-on any more
        🗂 new bookmark Grafana in Monitoring
        🗂 new monitor Grafana in Services
      If it fails
        If only a route, name, sign-on or dashboard fails, the service keeps running: degraded.
      (plan ab12cd34 · request p-7k3m2q)
      [Deploy] [Full diff]"
    `);
  });

  test('of many services is counted where it would be too long to read', () => {
    const steps = Array.from({ length: 12 }, (_, i) => everywhere(`service-${i}`)).flat();
    const text = card({ steps });
    expect(text).toContain(
      '12 containers change, 12 routes, 12 names, 12 sign-ons, 12 bookmarks and 12 monitors',
    );
    expect(text).toContain('12 services run and answer\n  12 names resolve\n  12 routes lead there');
    expect(text).toContain('and 24 more steps');
    expect(text).not.toContain('✂');
  });

  test('cannot be read as something else, whatever names are in it', () => {
    const evil = '**x** <@&1>';
    const steps = moving().map((step): Step => (step.stage === 'dns' ? renamed(step, evil) : step));
    expect(card({ steps })).toContain('🧭 name \\*\\*x\\*\\* <\u200b@\u200b&1>');
  });
});

function renamed<S extends Step & { readonly stage: 'dns' }>(step: S, name: string): S {
  return { ...step, before: { ...step.before!, name }, after: { ...step.after!, name } };
}

describe('a request to keep what is there', () => {
  const diff = '--- a.yml\n+++ a.yml\n@@ -1,2 +1,2 @@\n dns:\n-  ip: 10.0.0.2\n+  ip: 10.0.0.9\n';
  const draft = { commit: 'e12f7af1'.repeat(5), base: 'b', branch: 'main' };
  const request = { kind: 'keep', service: 'grafana' } as const;

  test('shows what Git comes to say, and that nothing else changes', () => {
    const plan = planOf({ steps: [], downtime: 0, diff });
    expect(shown(renderProposal(proposalOf({ request, draft, plan })))).toMatchInlineSnapshot(`
      "📋 Plan · Keep grafana · production
      **Only Git changes: it then says what is there.**
      <@100000000000000001> asks · a new commit on \`main\`
      Expires <t:1772362800:R>.
      In Git
        \`\`\`diff
        -  ip: 10.0.0.2
        +  ip: 10.0.0.9
        \`\`\`
      If it fails
        No system changes, so there is nothing to undo.
      (plan ab12cd34 · request p-7k3m2q)
      [Keep] [Full diff]"
    `);
  });

  test('shows as well what would then still change', () => {
    const text = shown(renderProposal(proposalOf({ request, draft, plan: planOf({ diff }) })));
    expect(text).toContain('1 container changes');
    expect(text).toContain('+  ip: 10.0.0.9');
    expect(text).toContain('What runs now is put back');
  });
});

test('an abort that comes too late is told that it has ended', () => {
  const message = 'd-2345gh no longer runs; it ended as succeeded.';
  const text = shown(renderProblems([{ code: 'already-decided', message }]));
  expect(text).toContain('❌ It has ended already');
  expect(text).not.toContain('Somebody decided');
});
