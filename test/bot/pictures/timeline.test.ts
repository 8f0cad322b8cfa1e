import { describe, expect, test } from 'vitest';
import { createIllustrate, createPaint } from '../../../bot/pictures/paint.ts';
import { rasterise } from '../../../bot/pictures/rasterise.ts';
import { timelineOf } from '../../../bot/pictures/timeline.ts';
import { timelinePicture } from '../../../bot/pictures/timeline-picture.ts';
import { timelineSvg } from '../../../bot/pictures/timeline-svg.ts';
import { timeScale } from '../../../bot/pictures/time-scale.ts';
import { createLog } from '../../../bot/log.ts';
import { foldStory, type Story } from '../../../bot/story/fold.ts';
import type { DeploymentEvent, Happening } from '../../../engine/index.ts';
import { fleetEvents, fleetPlan, fleetStory } from '../support/fleets.ts';
import { afterGate, gate, job, played, untilGate } from '../support/pipelines.ts';
import { ada, eventsOf, goesWell } from '../support/plans.ts';

const svgOf = (story: Story): string => timelineSvg(timelineOf(story)!);
const rowsOf = (story: Story) => timelineOf(story)!.groups.flatMap(({ rows }) => rows);
const tones = (story: Story, name: string) =>
  Object.fromEntries(
    rowsOf(story)
      .find((row) => row.name === name)!
      .bars.map((bar) => [bar.name, bar.tone]),
  );
const pipelined = (plan = fleetPlan(3), more: readonly Happening[] = []): Story => {
  const started: Happening = {
    ...{ type: 'started', plan, proposal: null, actor: ada, approvedBy: [] },
    request: { kind: 'pipeline', repository: 'homelab', pipeline: 812 },
  };
  return foldStory(
    [started, ...untilGate, gate('p-1'), played([]), ...more, ...afterGate].map(
      (happening, at): DeploymentEvent => ({
        ...{ deployment: 'd-1', seq: at + 1, at: new Date(Date.UTC(2026, 2, 1, 10, 0, at)).toISOString() },
        ...happening,
      }),
    ),
  )!;
};
/** Width and height as a PNG file says them. */
const sizeOf = (png: Uint8Array): readonly [number, number] => {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
};

describe('the timeline', () => {
  test('groups services by host, with each stage of each', () => {
    const timeline = timelineOf(fleetStory(3))!;
    expect(timeline.groups.map(({ name, rows }) => [name, rows.map((row) => row.name)])).toEqual([
      ['media', ['grafana', 'n8n']],
      ['apps', ['metube']],
    ]);
    expect(timeline).toMatchObject({ title: 'Deploy grafana, metube, n8n · production', more: null });
    expect(timeline.subtitle).toBe('45.3s · 3 services · 2 hosts');
    const stages = ['deploy', 'traefik', 'dns', 'authentik', 'glance', 'verify'];
    expect(rowsOf(fleetStory(3))[0]!.bars.map((bar) => bar.name)).toEqual(stages);
  });

  test('tells what failed, what was undone and what undid it apart', () => {
    const story = fleetStory(3, { metube: 'undone', n8n: 'around' });
    expect(tones(story, 'metube')).toEqual({
      ...{ deploy: 'taken-back', traefik: 'taken-back', dns: 'done', authentik: 'done', glance: 'done' },
      ...{ verify: 'failed', 'undo traefik': 'undo', 'undo deploy': 'undo' },
    });
    expect(tones(story, 'n8n')).toMatchObject({ dns: 'failed', verify: 'done' });
    const svg = svgOf(story);
    for (const words of [
      'rolled back',
      '✗ verify 11s',
      '↩ undo deploy 9s',
      'done, then undone',
      'dns failed',
    ])
      expect(svg).toContain(words);
    expect(svg).toContain('stroke-dasharray');
    expect(svg).toContain('fill="url(#failed)"');
  });

  test('of many services has one line each, and leaves out what went well first', () => {
    expect(rowsOf(fleetStory(15, { immich: 'around' }))).toHaveLength(15);
    const jobs = Array.from({ length: 40 }, (_, n) =>
      job('deploy', `job-${n}`, n === 39 ? 'failed' : 'success'),
    );
    const many = timelineOf(pipelined(fleetPlan(3), jobs))!;
    expect(many.groups.flatMap(({ rows }) => rows)).toHaveLength(24);
    expect(many.more).toMatch(/^and \d+ more that went well$/);
    expect(many.groups.flatMap(({ rows }) => rows.map(({ name }) => name))).toContain('job-39');
  });

  test('is not drawn for one service', () => {
    expect(timelineOf(foldStory(eventsOf(goesWell))!)).toBeNull();
    expect(timelineOf(fleetStory(1))).toBeNull();
    expect(timelinePicture(pipelined(fleetPlan(1)))).toBeNull();
  });

  test('of a pipeline shows its jobs by stage', () => {
    const timeline = timelineOf(pipelined())!;
    expect(timeline.groups.map(({ name }) => name)).toContain('validate');
    const dns = timeline.groups.flatMap(({ rows }) => rows).find(({ name }) => name === 'dns')!;
    expect(dns.ending).toEqual({ tone: 'partly', word: 'failed, allowed' });
    expect(timeline.subtitle).toContain('pipeline 812');
  });

  test('outlives clocks that go back, stages without length and stages without an end', () => {
    const events = fleetEvents(2);
    const at = (ms: number) => new Date(Date.UTC(2026, 2, 1) + ms).toISOString();
    const stories = [
      events.map((event) => ({ ...event, at: at(0) })),
      events.map((event) => ({ ...event, at: at(-event.seq * 1000) })),
      events.filter(({ seq, type }) => seq < 5 || type === 'finished'),
    ];
    for (const story of stories) {
      const svg = svgOf(foldStory(story)!);
      expect(svg).not.toMatch(/NaN|Infinity|width="-|undefined/);
    }
    expect(svgOf(foldStory(stories[2]!)!)).toContain('not ended');
  });

  test('keeps outside words words', async () => {
    const name = '<script>&"\'\u0000\ud800]]>';
    const text = JSON.stringify(fleetEvents(2)).replaceAll('"grafana"', JSON.stringify(name));
    const svg = svgOf(foldStory(JSON.parse(text) as DeploymentEvent[])!);
    expect(svg).toContain('&lt;script&gt;&amp;&quot;&#39;');
    expect(svg).not.toContain('<script');
    expect(sizeOf(await rasterise(svg))[0]).toBe(880);
    const long = text.replaceAll('"metube"', JSON.stringify('m'.repeat(500)));
    expect(svgOf(foldStory(JSON.parse(long) as DeploymentEvent[])!)).not.toContain('m'.repeat(60));
  });

  test('says in words what it shows', () => {
    const picture = timelinePicture(fleetStory(3, { metube: 'undone' }))!;
    expect(picture.description).toBe(
      'Timeline: Deploy grafana, metube, n8n · production, rolled back, 45.3s · 3 services · 2 hosts · 1 not well. metube (apps): rolled back, verify failed. Went well: grafana 22.4s and n8n 22.4s.',
    );
    expect(picture.name).toMatch(/^timeline-[0-9a-f]{10}\.png$/);
  });
});

test('a long wait is drawn short, and what is around it stays in proportion', () => {
  const minute = 60_000;
  const busy = [
    { from: 0, to: minute },
    { from: 60 * minute, to: 61 * minute },
  ];
  const scale = timeScale({ from: 0, to: 61 * minute }, busy, { x: 0, width: 1000, tickRoom: 110 });
  expect(scale.gaps).toHaveLength(1);
  expect(scale.x(minute)).toBeCloseTo(468);
  expect(scale.x(60 * minute)).toBeCloseTo(532);
  expect(scale.x(61 * minute)).toBeCloseTo(1000);
});

describe('a picture', () => {
  test('is a PNG as wide as promised, and another story is another picture', async () => {
    const [two, undone] = await Promise.all(
      [fleetStory(2), fleetStory(2, { metube: 'undone' })].map((story) => rasterise(svgOf(story))),
    );
    expect(sizeOf(two!)).toEqual([880, 724]);
    expect(Buffer.from(two!).equals(Buffer.from(undone!))).toBe(false);
    expect(two!.length).toBeGreaterThan(20_000); // a blank one has a few hundred bytes
  });

  test('that cannot be drawn is left out, and the log says so', async () => {
    const lines: string[] = [];
    const log = createLog({
      ...{ level: 'warn', redact: (line) => line, to: { write: (line: string) => void lines.push(line) } },
    });
    const paint = createPaint(log);
    expect(await paint({ name: 'a.png', description: '', svg: '<svg' })).toBeNull();
    const story = { ...fleetStory(2), startedAt: 'never', finishedAt: 'never' };
    expect(createIllustrate(log)({ ...story, plan: { ...story.plan, services: null as never } })).toBeNull();
    expect(lines.join('')).toContain('could not be drawn');
    expect(lines.join('')).toContain('no timeline could be made');
  });
});
