import { describe, expect, test } from 'vitest';
import { renderChapter } from '../../../bot/render/stage.ts';
import { renderInterrupted } from '../../../bot/render/interrupted.ts';
import { renderStory, type Around } from '../../../bot/render/story.ts';
import { foldStory, type Story } from '../../../bot/story/fold.ts';
import type { Happening } from '../../../engine/index.ts';
import { everywhere } from '../support/around.ts';
import { ada, ben, eventsOf, goesWell, planOf, rolledBack } from '../support/plans.ts';
import { shown } from '../support/shown.ts';

const storyOf = (happenings: readonly Happening[]): Story => {
  const story = foldStory(eventsOf(happenings));
  if (!story) throw new Error('no story');
  return story;
};
const around: Around = {
  thread: 'https://discord.com/channels/1/2',
  approvers: [ben],
  newest: true,
  cardOf: () => null,
};
const card = (happenings: readonly Happening[]): string => shown(renderStory(storyOf(happenings), around));
const thread = (happenings: readonly Happening[]): string => {
  const story = storyOf(happenings);
  return story.chapters.map((chapter) => shown(renderChapter(chapter, story))).join('\n----\n');
};

describe('the live card', () => {
  test('while the second stage runs', () => {
    expect(card(goesWell.slice(0, 3))).toMatchInlineSnapshot(`
      "⏳ Deploy grafana · production · running
      **Running.** Started <t:1772359200:R>.
      ▰▰▰▰▰▱▱▱▱▱ 50 %
      by <@100000000000000001>, approved by <@100000000000000002>
      grafana
        ✅ **deploy** · media — 1s
        ▶️ **verify** · media — began <t:1772359203:R>
      (deployment d-2345gh · plan ab12cd34)
      [Abort] [Details]"
    `);
  });

  test('when it is done', () => {
    expect(card(goesWell)).toMatchInlineSnapshot(`
      "✅ Deploy grafana · production · succeeded
      **Done and proved to work.** Took 5s.
      ▰▰▰▰▰▰▰▰▰▰ 100 %
      by <@100000000000000001>, approved by <@100000000000000002>
      grafana · ✅ succeeded
        ✅ **deploy** · media — 1s
        ✅ **verify** · media — 1s
      (deployment d-2345gh · plan ab12cd34)
      [Roll back…] [Details]"
    `);
  });

  test('when it failed and was put back', () => {
    expect(card(rolledBack)).toMatchInlineSnapshot(`
      "↩️ Deploy grafana · production · rolled back
      **10.1 did not work, so 10.0 was put back and checked.** Took 10s.
      grafana did not become healthy: /api/health answered 500.
      → Look at the container’s log in the thread.
      by <@100000000000000001>, approved by <@100000000000000002>
      grafana · ↩️ rolled back
        ✅ **deploy** · media — 1s
        ❌ **verify** · media — failed after 1s
        ✅ **undo deploy** · media — 1s
        ✅ **checked again** · media — 1s
      (deployment d-2345gh · plan ab12cd34)
      [Details]"
    `);
  });

  test('never says that what was put back was checked where that check failed', () => {
    const lost = { code: 'dns-wrong', message: 'a.lan leads to 10.9.9.9, not to 10.0.0.2.' } as const;
    const moved = rolledBack.map((event): Happening =>
      event.type === 'step-done' && event.phase === 'unwind' && event.step === 'undo 2 verify grafana'
        ? { type: 'step-failed', step: event.step, phase: 'unwind', problem: lost }
        : event,
    );
    const text = card(moved);
    expect(text).toContain(
      '**10.1 did not work; 10.0 was put back, but the check afterwards failed: a.lan leads to 10.9.9.9, not to 10.0.0.2.** Took',
    );
    expect(text).not.toContain('and checked');
    expect(text).toContain('❌ **checked again**');
  });

  test('that was stopped before anything began says so, once', () => {
    const stopped = { code: 'cancelled', message: 'Stopped before it was finished.' } as const;
    const text = card([
      { type: 'abort-requested', actor: ada },
      { type: 'finished', outcome: 'cancelled', services: { grafana: 'cancelled' }, problem: stopped },
    ]);
    expect(text).toContain('**Stopped by <@100000000000000001> before anything was touched.** Took');
    expect(text).not.toContain('undone');
    expect(text).not.toContain('Stopped before it was finished');
  });

  test('has no Abort button once somebody pressed it', () => {
    const text = card([...goesWell.slice(0, 1), { type: 'abort-requested', actor: ada }]);
    expect(text).toContain('stopping');
    expect(text).not.toContain('[Abort]');
  });

  test('says so when it was Sentinel’s shutdown that stopped it', () => {
    const sentinel = { id: 'sentinel', name: 'Sentinel', roles: [] };
    const cancelled: Happening = {
      ...{ type: 'finished', outcome: 'cancelled', services: { grafana: 'cancelled' }, problem: null },
    };
    const start = goesWell.slice(0, 1);
    expect(card([{ type: 'abort-requested', actor: sentinel }, cancelled])).toContain(
      'Stopped because Sentinel was shut down, before anything was touched.',
    );
    expect(card([...start, { type: 'abort-requested', actor: sentinel }, cancelled])).toContain(
      'Stopped because Sentinel was shut down; what was done was undone.',
    );
    expect(card([...start, { type: 'abort-requested', actor: ada }, cancelled])).toContain(
      'Stopped by <@100000000000000001>; what was done was undone.',
    );
  });

  test('counts the way forward only, and has no bar when it ended elsewhere', () => {
    const bar = (n: number): string => /\d+ %/.exec(card(rolledBack.slice(0, n)))?.[0] ?? 'none';
    expect([bar(1), bar(3), bar(5), bar(7), bar(rolledBack.length)]).toEqual([
      ...['0 %', '50 %', '100 %', '100 %', 'none'],
    ]);
  });

  test('offers to roll back only while no later deployment concerned the service', () => {
    const text = shown(renderStory(storyOf(goesWell), { ...around, newest: false }));
    expect(text).not.toContain('[Roll back…]');
  });

  test('names approvers as people even where only their names were kept', () => {
    const story = { ...storyOf(goesWell), approvedBy: ['Ben'] };
    expect(shown(renderStory(story, around))).toContain(`approved by <@100000000000000002>`);
  });

  test('keeps its lines in the same order from the first state to the last', () => {
    const lines = rolledBack.map((_, n) =>
      storyOf(rolledBack.slice(0, n + 1)).stages.map(({ phase, stage }) => `${phase} ${stage}`),
    );
    for (const [n, now] of lines.slice(1).entries()) expect(now.slice(0, lines[n]!.length)).toEqual(lines[n]);
  });
});

describe('a card tells', () => {
  const git = (action: 'pushing' | 'pushed' | 'reverted'): Happening => ({
    ...{ type: 'git', action, commit: 'e12f7af1'.repeat(5), branch: 'main', problem: null },
  });

  test('that Git says again what it said, once the commit was taken back', () => {
    const taken = [
      git('pushing'),
      git('pushed'),
      ...rolledBack.slice(0, -1),
      git('reverted'),
      rolledBack.at(-1)!,
    ];
    expect(card(taken)).toContain(
      '10.1 did not work, so 10.0 was put back and checked. Git says 10.0 again.',
    );
    const said = thread(taken);
    expect(said.split('git — commit published')).toHaveLength(2);
    expect(said.split('git — commit taken back')).toHaveLength(2);
  });

  test('what was left out, in a few words', () => {
    const message =
      'Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make. It is left as it is.';
    const risks = [{ code: 'conflict', service: 'grafana', message, alwaysApprove: false }] as const;
    const story = foldStory(eventsOf(goesWell, { plan: planOf({ risks }) }))!;
    expect(shown(renderStory(story, around))).toContain(
      '⚠️ Left out: Pi-hole has “10.9.9.9 a.lan” for a.lan, which Sentinel did not make.\n',
    );
  });

  test('of a way back only where containers changed', () => {
    const steps = everywhere().filter(({ stage }) => stage !== 'deploy');
    const story = foldStory(
      eventsOf(
        [{ type: 'finished', outcome: 'succeeded', services: { grafana: 'succeeded' }, problem: null }],
        { plan: planOf({ steps }) },
      ),
    )!;
    expect(shown(renderStory(story, around))).not.toContain('[Roll back…]');
  });
});

describe('the thread', () => {
  test('has one message for each stage that ended, in order, and the end', () => {
    expect(thread(goesWell)).toMatchInlineSnapshot(`
      "✅ deploy · grafana — done
      • pulled grafana/grafana:10.1
      • recreated 1 container
      (media · 1s)
      ----
      ✅ verify · grafana — done
      • GET /api/health answered 200
      (media · 1s)
      ----
      ✅ Succeeded
      (deployment d-2345gh · 5s)"
    `);
  });

  test('shows the last lines of what failed, and the way back', () => {
    expect(thread(rolledBack)).toMatchInlineSnapshot(`
      "✅ deploy · grafana — done
      • pulled grafana/grafana:10.1
      • recreated 1 container
      (media · 1s)
      ----
      ❌ verify · grafana — failed
      grafana did not become healthy: /api/health answered 500.
      → Look at the container’s log in the thread.
      logs of grafana
        \`\`\`
        starting
        migration failed: table locked
        \`\`\`
      (media · 1s · health-failed)
      ----
      ↩️ Undoing grafana
      grafana did not become healthy: /api/health answered 500.
      ----
      ✅ undo deploy · grafana — done
      • put grafana/grafana:10.0 back
      (media · 1s)
      ----
      ✅ checked again · grafana — done
      • GET /api/health answered 200
      (media · 1s)
      ----
      ↩️ Rolled back
      grafana did not become healthy: /api/health answered 500.
      → Look at the container’s log in the thread.
      (deployment d-2345gh · 10s)"
    `);
  });

  test('does not change what it has said when more happens', () => {
    const before = storyOf(rolledBack.slice(0, 5)).chapters.map(({ seq }) => seq);
    const after = storyOf(rolledBack).chapters.map(({ seq }) => seq);
    expect(after.slice(0, before.length)).toEqual(before);
  });
});

test('an interrupted deployment asks what should become of it', () => {
  const story = storyOf([...goesWell.slice(0, 3), { type: 'interrupted' }]);
  expect(shown(renderInterrupted(story, null))).toMatchInlineSnapshot(`
    "⚡ Interrupted · Deploy grafana · production
    Cut off while checking grafana on media.
    <@100000000000000001> started it <t:1772359200:R>.
    Nothing happens until somebody chooses; either way the plan is shown first.
    (deployment d-2345gh)
    [Finish it] [Undo it]"
  `);
});

test('an interrupted deployment that was finished or undone asks no more', () => {
  const story = storyOf([...goesWell.slice(0, 3), { type: 'interrupted' }]);
  const text = shown(renderInterrupted(story, { how: 'undone', deployment: 'd-next' }));
  expect(text).toContain('**Undone by `d-next`.**');
  expect(text).not.toContain('[Finish it]');
});

describe('a deployment over every system', () => {
  const lost = { code: 'system-unreachable', message: 'Pi-hole does not answer.' } as const;
  const tell = (services: readonly string[], count = Infinity): string => {
    const steps = services.flatMap((name) =>
      everywhere(name).map((step, i) => ({ ...step, id: `${i} ${step.stage} ${name}` })),
    );
    const happenings = steps
      .slice(0, count)
      .flatMap((step): readonly Happening[] => [
        { type: 'step-started', step: step.id, phase: 'forward' },
        step.stage === 'dns'
          ? { type: 'step-failed', step: step.id, phase: 'forward', problem: lost }
          : { type: 'step-done', step: step.id, phase: 'forward', did: ['done'] },
      ]);
    const end: readonly Happening[] =
      count === Infinity
        ? [{ type: 'finished', outcome: 'degraded', services: { grafana: 'degraded' }, problem: lost }]
        : [];
    const story = foldStory(eventsOf([...happenings, ...end], { plan: planOf({ steps }) }));
    if (!story) throw new Error('no story');
    return shown(renderStory(story, around));
  };

  test('that degraded says which of them failed', () => {
    expect(tell(['grafana'])).toMatchInlineSnapshot(`
      "🟠 Deploy grafana · production · degraded
      **Runs, but not everything around it works: dns failed.** Took 19s.
      Pi-hole does not answer.
      → See that it runs and can be reached from where Sentinel runs, then try again.
      ▰▰▰▰▰▰▰▰▰▰ 100 %
      by <@100000000000000001>, approved by <@100000000000000002>
      grafana · 🟠 degraded
        ✅ **deploy** · media — 1s
        ✅ **traefik** · proxy — 1s
        ❌ **dns** · Pi-hole at 192.168.40.53 — failed after 1s
        ✅ **authentik** · Authentik at auth.home.example.net — 1s
        ✅ **glance** · dashboard — 3s
        ✅ **verify** · media, verify — 5s
      (deployment d-2345gh · plan ab12cd34)
      [Roll back…] [Details]"
    `);
  });

  test('of many services has one line for each, with what is done with it now', () => {
    const names = Array.from({ length: 30 }, (_, i) => `service-${i}`);
    const text = tell(names, 30);
    expect(text).toContain('30 services\n');
    expect(text).toContain('❌ service-1 — dns\n');
    expect(text).toContain('⬜ service-29\n');
    expect(text).not.toContain('✂');
  });

  test('that only kept what was there says so', () => {
    const events = eventsOf(
      [{ type: 'finished', outcome: 'succeeded', services: { grafana: 'succeeded' }, problem: null }],
      { plan: planOf({ steps: [] }) },
    ).map((event) =>
      event.type === 'started' ? { ...event, request: { kind: 'keep', service: 'grafana' } as const } : event,
    );
    const text = shown(renderStory(foldStory(events)!, around));
    expect(text).toContain('✅ Keep grafana · production · succeeded');
    expect(text).toContain('**Git says what is there now.**');
  });

  test('that was cut off says at which of them', () => {
    const steps = everywhere();
    const dns = steps.find(({ stage }) => stage === 'dns')!;
    const events = eventsOf(
      [{ type: 'step-started', step: dns.id, phase: 'forward' }, { type: 'interrupted' }],
      { plan: planOf({ steps }) },
    );
    expect(shown(renderInterrupted(foldStory(events)!, null))).toContain(
      'Cut off while changing the name of grafana on Pi-hole at 192.168.40.53',
    );
  });
});
