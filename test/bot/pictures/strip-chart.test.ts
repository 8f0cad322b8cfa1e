import { expect, test } from 'vitest';
import { rasterise } from '../../../bot/pictures/rasterise.ts';
import { statisticsPicture, statisticsSvg } from '../../../bot/pictures/strip-chart.ts';
import { statisticsLine } from '../../../bot/render/statistics.ts';
import { statisticsOf, type DeploymentFigures, type Outcome } from '../../../engine/index.ts';

const of = (
  outcomes: readonly (readonly [ago: number, outcome: Outcome, count: number])[],
  recoveries: DeploymentFigures['recoveries'] = [],
) =>
  statisticsOf(
    { outcomes: outcomes.map(([ago, outcome, count]) => ({ ago, outcome, count })), recoveries },
    30,
  );
const few = of([[3, 'succeeded', 1]]);
const many = of(
  [
    ...Array.from({ length: 15 }, (_, n) => [2 * n, 'succeeded', (n % 4) + 1] as const),
    ...[[4, 'rolled-back', 2] as const, [9, 'failed', 1] as const, [20, 'degraded', 1] as const],
    [0, 'cancelled', 1],
  ],
  [360_000, 60_000, 900_000],
);

test('without deployments there is nothing to say and nothing to draw', () => {
  expect(statisticsLine(of([]))).toBeNull();
  expect(statisticsPicture(of([]), 'production')).toBeNull();
});

test('a sentence says how it went, how often it did not, and how long that lasted', () => {
  expect(statisticsLine(few)).toBe('1 deployment, it went well');
  expect(statisticsLine(of([[0, 'succeeded', 4]]))).toBe('4 deployments, all went well');
  expect(
    statisticsLine(
      of([
        [0, 'succeeded', 2],
        [0, 'cancelled', 1],
      ]),
    ),
  ).toBe('2 of 3 deployments went well, 1 was stopped');
  expect(statisticsLine(many)).toBe(
    '36 of 41 deployments went well, 1 was degraded, 2 were undone, 1 failed, 1 was stopped; back to good after 6m (median)',
  );
});

test('the chart tells outcomes apart by pattern, sign and word, and its text says the same', () => {
  const svg = statisticsSvg(many, 'production');
  for (const words of [
    '36 well',
    '2 undone',
    '1 failed',
    '1 degraded',
    '1 stopped',
    '30 days ago',
    'now',
    '✗',
    '↩',
  ])
    expect(svg).toContain(words);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(statisticsPicture(many, 'production')!.description).toBe(
    'Deployments to production of each of the last 30 days: 36 of 41 deployments went well, 1 was degraded, 2 were undone, 1 failed, 1 was stopped; back to good after 6m (median). in the last 24 hours: 1 stopped; 4 days ago: 2 undone; 9 days ago: 1 failed; 20 days ago: 1 degraded.',
  );
  expect(statisticsSvg(few, '<b>&')).toContain('&lt;b&gt;&amp;');
});

test('few and many are different pictures of the same size', async () => {
  const pictures = await Promise.all([few, many].map((one) => rasterise(statisticsSvg(one, 'production'))));
  const sizes = pictures.map((png) => [Buffer.from(png).readUInt32BE(16), Buffer.from(png).readUInt32BE(20)]);
  expect(sizes).toEqual([
    [880, 332],
    [880, 332],
  ]);
  expect(Buffer.from(pictures[0]!).equals(Buffer.from(pictures[1]!))).toBe(false);
});
