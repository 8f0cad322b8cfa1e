import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../bot/metrics/metrics.ts';
import { openFixture } from '../../data/support/state.ts';

/** What /metrics has a type for. */
async function known(): Promise<readonly string[]> {
  const { store } = openFixture();
  const metrics = createMetrics({
    ...{ store, version: '1.0.0', clock: { now: () => new Date() } },
    ...{ services: () => [], environments: [] },
    checkUp: () => ({
      status: 'ok',
      gateway: { connected: true, beatAgeSeconds: 1 },
      journal: { writeAgeSeconds: 1 },
    }),
  });
  const { text } = await metrics.page();
  return [...text.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
}
const asked = (text: string): readonly string[] => text.match(/\b(?:sentinel|process)_[a-z_]+\b/g) ?? [];

test('the example dashboard and alerts ask only for what /metrics has', async () => {
  const names = await known();
  for (const file of ['alerts.yml', 'grafana-dashboard.json']) {
    const expressions = asked(readFileSync(`examples/monitoring/${file}`, 'utf8'));
    expect(expressions.length).toBeGreaterThan(5);
    expect(
      expressions.filter((name) => !names.includes(name)),
      file,
    ).toEqual([]);
  }
});

test('each alert says what is wrong and what to do, and the dashboard has no two panels in one place', () => {
  const { groups } = parse(readFileSync('examples/monitoring/alerts.yml', 'utf8')) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  for (const { alert, expr, annotations } of groups.flatMap(({ rules }) => rules)) {
    expect(expr, alert).not.toBe('');
    expect(annotations, alert).toMatchObject({
      summary: expect.stringMatching(/\S/) as string,
      description: expect.stringMatching(/\S/) as string,
    });
  }
  const { panels } = JSON.parse(readFileSync('examples/monitoring/grafana-dashboard.json', 'utf8')) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
});
