import { describe, expect, test } from 'vitest';
import { renderApproval } from '../../../bot/render/approval.ts';
import { fit } from '../../../bot/render/limits.ts';
import { renderProposal } from '../../../bot/render/proposal.ts';
import { renderChapter } from '../../../bot/render/stage.ts';
import { renderStory, type Around } from '../../../bot/render/story.ts';
import { deploymentTale } from '../../../bot/story/tales.ts';
import { foldStory, type Story } from '../../../bot/story/fold.ts';
import type { Actor, DeploymentEvent, Happening, Request } from '../../../engine/index.ts';
import { afterGate, gate, job, pipeline, played, untilGate } from '../support/pipelines.ts';
import { ben, eventsOf, goesWell, planOf, proposalOf } from '../support/plans.ts';
import { shown } from '../support/shown.ts';

const around: Around = {
  thread: 'https://discord.com/channels/1/2',
  approvers: [ben],
  newest: true,
  cardOf: () => null,
};

interface By {
  readonly request?: Request;
  readonly actor?: Actor;
}
function events(happenings: readonly Happening[], by: By = {}): readonly DeploymentEvent[] {
  return eventsOf(happenings).map((event) =>
    event.type === 'started'
      ? { ...event, request: { kind: 'deploy', service: 'grafana', route: 'pipeline' }, ...by }
      : event,
  );
}
function storyOf(happenings: readonly Happening[], by: By = {}): Story {
  const story = foldStory(events(happenings, by));
  if (!story) throw new Error('no story');
  return story;
}
const card = (happenings: readonly Happening[], by: By = {}): string =>
  shown(renderStory(storyOf(happenings, by), around));
const chapters = (happenings: readonly Happening[]): readonly string[] => {
  const story = storyOf(happenings);
  return story.chapters.map((chapter) => shown(renderChapter(chapter, story)));
};

describe('the card of a deployment by a pipeline', () => {
  test('before the pipeline is there says so, and has no steps of the engine', () => {
    expect(card([])).toMatchInlineSnapshot(`
      "⏳ Deploy grafana · production · running
      **Running.** Started <t:1772359200:R>.
      Its pipeline has not appeared in GitLab yet.
      ▱▱▱▱▱▱▱▱▱▱ 0 %
      by <@100000000000000001>, approved by <@100000000000000002>
      (deployment d-2345gh · plan ab12cd34)
      [Abort] [Details]"
    `);
  });

  test('while a manual job waits', () => {
    expect(card([...untilGate, gate('p-gate')])).toMatchInlineSnapshot(`
      "✋ Deploy grafana · production · waits for approval
      **Waits for approval.** Started <t:1772359200:R>.
      [Pipeline 812](https://gitlab.home.lan/homelab/services/-/pipelines/812) · \`3f2a1c9d\` on \`main\`
      ✋ **approve\\_deploy** waits for approval: \`/approve request:p-gate\`
      ▰▰▰▰▰▱▱▱▱▱ 50 %
      by <@100000000000000001>, approved by <@100000000000000002>
      Stages
        ✅ [detect](https://gitlab.home.lan/homelab/services/-/jobs/72490) 11s
        ✅ **validate** · ✅ [validate:schema](https://gitlab.home.lan/homelab/services/-/jobs/26944) 11s · ✅ [validate:compose](https://gitlab.home.lan/homelab/services/-/jobs/11776) 11s
        ✋ **approve** · [approve\\_deploy](https://gitlab.home.lan/homelab/services/-/jobs/63200) waits
        ⬜ [deploy](https://gitlab.home.lan/homelab/services/-/jobs/60430)
        ⬜ [dns](https://gitlab.home.lan/homelab/services/-/jobs/8162)
        ▫️ [rollback](https://gitlab.home.lan/homelab/services/-/jobs/83819), by hand
      (deployment d-2345gh · plan ab12cd34)
      [Abort] [Details] [Pipeline]"
    `);
  });

  test('while a manual job waits leads to the request about it, and to nobody while it was agreed to before', () => {
    const page = 'https://discord.com/channels/1/3/4';
    const asked = storyOf([...untilGate, gate('p-gate')]);
    expect(shown(renderStory(asked, { ...around, cardOf: (id) => `${page}?${id}` }))).toContain(
      `\`/approve request:p-gate\` · [request](${page}?p-gate)`,
    );
    expect(card([...untilGate, gate(null)])).toContain('⏳ Deploy grafana · production · running');
  });

  test('when it is done, with what may fail and did', () => {
    expect(card([...untilGate, gate('p-gate'), played([ben.id]), ...afterGate])).toMatchInlineSnapshot(`
      "🟠 Deploy grafana · production · degraded
      **Done by its pipeline, but not everything around it works: dns failed.** Took 27s.
      [Pipeline 812](https://gitlab.home.lan/homelab/services/-/pipelines/812) · \`3f2a1c9d\` on \`main\`
      👍 **approve\\_deploy** started, approved by <@100000000000000002>.
      ▰▰▰▰▰▰▰▰▰▰ 100 %
      by <@100000000000000001>, approved by <@100000000000000002>
      Stages
        ✅ [detect](https://gitlab.home.lan/homelab/services/-/jobs/72490) 11s
        ✅ **validate** · ✅ [validate:schema](https://gitlab.home.lan/homelab/services/-/jobs/26944) 11s · ✅ [validate:compose](https://gitlab.home.lan/homelab/services/-/jobs/11776) 11s
        ✅ **approve** · [approve\\_deploy](https://gitlab.home.lan/homelab/services/-/jobs/63200) 11s
        ✅ [deploy](https://gitlab.home.lan/homelab/services/-/jobs/60430) 11s
        🟠 [dns](https://gitlab.home.lan/homelab/services/-/jobs/8162) 11s
        ▫️ [rollback](https://gitlab.home.lan/homelab/services/-/jobs/83819), by hand
      (deployment d-2345gh · plan ab12cd34)
      [Roll back…] [Details] [Pipeline]"
    `);
  });

  test('of which no pipeline was created says why', () => {
    const problem = {
      code: 'pipeline-missing',
      message: 'No pipeline was created for 3f2a1c9d on main, because its message says [skip ci].',
      hint: 'The commit is on main all the same. Start a pipeline in GitLab, or use `/deploy route:engine`.',
    } as const;
    const text = card([
      ...untilGate.slice(0, 2),
      { type: 'finished', outcome: 'failed', services: {}, problem },
    ]);
    expect(text).toMatchInlineSnapshot(`
      "❌ Deploy grafana · production · failed
      **Nothing was deployed.** Took 3s.
      No pipeline was created for 3f2a1c9d on main, because its message says [skip ci].
      → The commit is on main all the same. Start a pipeline in GitLab, or use \`/deploy route:engine\`.
      by <@100000000000000001>, approved by <@100000000000000002>
      (deployment d-2345gh · plan ab12cd34)
      [Details]"
    `);
  });

  test('that somebody stopped says that its pipeline was cancelled', () => {
    const stop: Happening = { type: 'abort-requested', actor: ben };
    const stopping = [...untilGate.slice(0, 8), stop];
    expect(card(stopping)).toContain('**Stopping; its pipeline is cancelled.**');
    expect(card(stopping)).not.toContain('[Abort]');
    const end: Happening = { type: 'finished', outcome: 'cancelled', services: {}, problem: null };
    expect(card([...stopping, pipeline('canceled'), end])).toContain(
      '**Stopped by <@100000000000000002>; its pipeline was cancelled.**',
    );
    expect(chapters(stopping).at(-1)).toContain('Its pipeline is cancelled.');
  });

  test('somebody started in GitLab names them and how', () => {
    const by = {
      request: { kind: 'pipeline', repository: 'homelab', pipeline: 812 } as const,
      actor: { id: 'gitlab:ada', name: 'Ada <@1> [x](https://evil.example)', roles: [] },
    };
    const text = card([pipeline('running', { source: 'push' })], by);
    expect(text).toContain('⏳ Deploy grafana · production · running');
    expect(text).toContain('Started in GitLab by a push.');
    expect(text).not.toContain('<@1>');
    expect(text).toContain('\\[x](https://evil.example)');
    const nothingKnown = foldStory(
      events([pipeline('running')], by).map((event) =>
        event.type === 'started' ? { ...event, plan: planOf({ services: [], steps: [] }) } : event,
      ),
    )!;
    expect(shown(renderStory(nothingKnown, around))).toContain('⏳ Pipeline 812 · homelab · production');
  });

  test('by the engine after all is told as one by the engine', () => {
    expect(card(goesWell)).toContain('✅ **deploy** · media — 1s');
    expect(card(goesWell)).not.toContain('Pipeline');
  });
});

describe('names from GitLab', () => {
  const nasty = [
    '@everyone',
    '](https://evil.example) [x',
    '**b** `c` <@1>',
    '||spoiler||\n# head',
    'a\u202eb',
  ];
  const happenings = [
    pipeline('running', { branch: 'x` @everyone' }),
    ...nasty.map((name, id) => job('st`a*ge @here', name, 'failed', { id: id + 1, log: '```\n@everyone' })),
  ];

  test('format nothing, lead nowhere and call nobody', () => {
    const text = [card(happenings), ...chapters([...happenings, pipeline('failed')])].join('\n');
    const outside = text.replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
    expect(outside).not.toMatch(/@(everyone|here)|<@1>|\u202e/);
    const links = [...outside.matchAll(/(?<!\\)\[[^\]\n]*\]\((https?:[^)]*)\)/g)];
    expect(new Set(links.map(([, url]) => new URL(url ?? '').host))).toEqual(new Set(['gitlab.home.lan']));
  });

  test('and addresses that are none of the web are no links', () => {
    for (const url of [
      'javascript:alert(1)',
      'https://x.lan/) [y](https://evil.example',
      'https://x.lan/ a',
      '',
    ]) {
      const text = card([pipeline('running', { url }), job('a', 'b', 'running', { url })]);
      expect(text).toContain('Pipeline 812 ·');
      expect(text).not.toContain('](');
      expect(text).not.toContain('[Pipeline]');
    }
  });
});

describe('the thread of a deployment by a pipeline', () => {
  test('tells each stage once it is over, each failure with its log, and who let a job run', () => {
    const all = [...untilGate, gate('p-gate'), played([ben.id]), ...afterGate];
    expect(chapters(all).join('\n----\n')).toMatchInlineSnapshot(`
      "✅ git — commit published
      • pushed [3f2a1c9d](https://gitlab.home.lan/homelab/services/-/commit/3f2a1c9d) on \`main\`
      ----
      🏗️ Pipeline found
      [Pipeline 812](https://gitlab.home.lan/homelab/services/-/pipelines/812) · \`3f2a1c9d\` on \`main\`
      ----
      ✅ detect — done
      ✅ [detect](https://gitlab.home.lan/homelab/services/-/jobs/72490) 11s
      ----
      ✅ validate — done
      ✅ [validate:schema](https://gitlab.home.lan/homelab/services/-/jobs/26944) 11s
      ✅ [validate:compose](https://gitlab.home.lan/homelab/services/-/jobs/11776) 11s
      ----
      ✋ approve\\_deploy waits for approval
      Somebody has to agree: \`/approve request:p-gate\`
      ----
      👍 approve\\_deploy started
      Approved by <@100000000000000002>.
      ----
      ✅ approve — done
      ✅ [approve\\_deploy](https://gitlab.home.lan/homelab/services/-/jobs/63200) 11s
      ----
      ✅ deploy — done
      ✅ [deploy](https://gitlab.home.lan/homelab/services/-/jobs/60430) 11s
      ----
      🟠 dns — failed
      [dns](https://gitlab.home.lan/homelab/services/-/jobs/8162) failed; the pipeline goes on.
      \`\`\`
      adding grafana.home.lan
      Pi-hole does not answer
      \`\`\`
      ----
      🟠 Degraded
      (deployment d-2345gh · 27s)"
    `);
  });

  test('does not change what it has said when more happens', () => {
    const all = [...untilGate, gate(null), played([]), ...afterGate];
    for (let n = 0; n < all.length; n += 1) {
      const before = chapters(all.slice(0, n));
      expect(chapters(all).slice(0, before.length)).toEqual(before.slice(0));
    }
  });

  test('tells a stage anew after one of its jobs was tried again', () => {
    const tried = [
      pipeline('running'),
      job('deploy', 'deploy', 'failed', { id: 1, log: 'no space left' }),
      pipeline('failed'),
      job('deploy', 'deploy', 'running', { id: 2 }),
      job('deploy', 'deploy', 'success', { id: 2 }),
      pipeline('success'),
    ];
    const titles = chapters(tried).map((text) => text.split('\n')[0]);
    expect(titles).toEqual(['🏗️ Pipeline found', '❌ deploy — failed', '✅ deploy — done']);
    expect(card(tried)).toContain('(try 2) 11s');
  });

  test('tells what one event ended in one message, since delivery counts events', () => {
    const happenings = [
      pipeline('running'),
      job('a', 'a', 'success'),
      job('b', 'b', 'failed', { log: 'broken' }),
    ];
    const tale = deploymentTale('d-1', () => events(happenings), {
      around: () => around,
      illustrate: () => null,
    });
    const told = tale.read({
      ...{ key: 'k', channelId: null, messageId: null, threadId: null, deliveredSeq: 0, final: false },
    });
    const seqs = told?.chapters.map(({ seq }) => seq) ?? [];
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(told?.chapters.at(-1)?.message.embeds.map(({ title }) => title)).toEqual([
      '✅ a — done',
      '❌ b — failed',
    ]);
  });

  test('keeps the end of a long log within its block', () => {
    const log = Array.from({ length: 400 }, (_, n) => `line ${n} \`\`\` @everyone`).join('\n');
    const text = chapters([pipeline('running'), job('a', 'a', 'failed', { log })]).at(-1) ?? '';
    expect(text.length).toBeLessThan(1_300);
    expect(text).toContain('earlier lines');
    expect(text).toContain('line 399');
    expect(text.match(/```/g)).toHaveLength(2);
  });
});

describe('what does not fit', () => {
  const many = (stages: number, jobs: number): readonly Happening[] => [
    pipeline('running'),
    ...Array.from({ length: stages }, (_, s) =>
      Array.from({ length: jobs }, (_, j) =>
        job(`stage-${s}`, `a job with quite a long name ${s}/${j}`, j === 1 ? 'failed' : 'success'),
      ),
    ).flat(),
  ];

  test.each([
    [10, 3],
    [40, 2],
    [3, 60],
    [30, 30],
  ])('of %i stages with %i jobs is counted, and no link is cut in two', (stages, jobs) => {
    const { embeds } = fit(renderStory(storyOf(many(stages, jobs)), around));
    const text = JSON.stringify(embeds);
    const [embed] = embeds;
    expect(embed?.fields?.every(({ value }) => value.length <= 1_024)).toBe(true);
    const size =
      (embed?.description?.length ?? 0) + (embed?.fields ?? []).reduce((sum, f) => sum + f.value.length, 0);
    expect(size).toBeLessThan(6_000);
    expect(text.match(/\]\(/g)?.length ?? 0).toBe(text.match(/\]\(https:[^)\s]*\)/g)?.length ?? 0);
    if (jobs > 20) expect(text).toContain('more jobs');
  });
});

describe('a request to let a manual job run', () => {
  const request: Request = {
    ...{ kind: 'gate', repository: 'homelab', pipeline: 812, deployment: 'd-2345gh' },
    job: { id: 3, name: 'approve_deploy' },
  };
  const rule = { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [], reasons: [] };

  test('shows the plan of the pipeline, and where it is', () => {
    const proposal = proposalOf({ request, state: 'pending', rule });
    const url = 'https://gitlab.home.lan/homelab/services/-/pipelines/812';
    expect(shown(renderApproval(proposal, null, url))).toMatchInlineSnapshot(`
      "🟡 Approval needed · Let approve\\_deploy run? · grafana · production
      **1 container changes, about 5 s of downtime, nothing else.**
      [Pipeline 812](https://gitlab.home.lan/homelab/services/-/pipelines/812) of homelab waits with **approve\\_deploy** · by <@100000000000000001> · commit \`3f2a1c9d\`
      1 approval needed from somebody else, by <t:1772362800:t>.
      grafana on media
        **grafana:10.0 → grafana:10.1**
      Then it is proved that
        1 container runs, port 3000 answers, \`/api/health\` is healthy
      If it fails
        What runs now is put back and checked again.
      (plan ab12cd34 · request p-7k3m2q)
      [Approve] [Reject…] [Full diff]"
    `);
  });

  test('without a plan says that nobody knows what it changes', () => {
    const risk = {
      code: 'plan-unknown',
      service: '',
      message: 'The pipeline left no plan.json, so nobody can tell what it changes.',
      alwaysApprove: true,
    } as const;
    const plan = planOf({ services: [], steps: [], risks: [risk] });
    const text = shown(renderApproval(proposalOf({ request, plan, state: 'pending', rule }), null));
    expect(text).toContain('🟡 Approval needed · Let approve\\_deploy run? · homelab · production');
    expect(text).toContain('**What the job changes is not known.**');
    expect(text).toContain('⚠️ Sentinel cannot tell: the pipeline left no plan.');
    expect(text).not.toContain('Nothing to do');
  });

  test('whose plan has nothing to do says that, and not that nobody knows', () => {
    const plan = planOf({ services: [], steps: [], risks: [] });
    const text = shown(renderApproval(proposalOf({ request, plan, state: 'pending', rule }), null));
    expect(text).toContain('**Nothing on the hosts changes.**');
  });

  test('that was started in GitLab says so, and not that it failed', () => {
    const problem = { code: 'already-decided', message: 'approve_deploy was started in GitLab.' } as const;
    const told = [...untilGate, gate('p-gate'), { ...played([]), problem }];
    const text = shown(renderStory(storyOf(told), around));
    expect(text).toContain('⚠️ approve\\_deploy was started in GitLab.');
  });
});

test('a request whose change is merged names the merge request, and the route where it was chosen', () => {
  const offer = { label: '!12', url: 'https://gitlab.home.lan/homelab/services/-/merge_requests/12' };
  const request: Request = { kind: 'deploy', service: 'grafana', route: 'pipeline' };
  const text = shown(renderProposal(proposalOf({ offer, request })));
  expect(text).toContain(`· merge request [!12](${offer.url}) · by its pipeline`);
});
