import { describe, expect, test } from 'vitest';
import type { StepOf } from '../../../../engine/index.ts';
import type { Scope, ScopedService } from '../../../../engine/ports.ts';
import { noSystems } from '../../fixtures.ts';
import { adoptTile } from '../../../../engine/stages/glance/adopt.ts';
import { applySteps } from '../../../../engine/stages/glance/apply-steps.ts';
import { readOrRefuse } from '../../../../engine/stages/glance/change-lines.ts';
import type { Sources } from '../../../../engine/stages/glance/compose.ts';
import { decideTiles } from '../../../../engine/stages/glance/decide.ts';
import { renderEntry } from '../../../../engine/stages/glance/entry-text.ts';
import { faultOf, faultsIn } from '../../../../engine/stages/glance/fault-of.ts';
import { parseKept } from '../../../../engine/stages/glance/kept-entry.ts';
import { veiled } from '../../../../engine/stages/glance/veiled.ts';
import { absent, present } from '../support/play.ts';
import { longText, main, tutorial } from './dashboards.ts';
import { shown } from './house.ts';

const from = (texts: Readonly<Record<string, string>>): Sources => ({
  main,
  inside: '/app/config',
  texts: new Map(Object.entries(texts)),
});
const single = (text: string): Sources => from({ [main]: text });
const system = {
  host: 'machine',
  config: main,
  container: null,
  configInside: '/app/config/glance.yml',
  reload: 'watch' as const,
  url: null,
};
const survey = (text: string, services: readonly ScopedService[]) => {
  const inventory: Scope['inventory'] = {
    hosts: {},
    systems: { ...noSystems, glance: system },
  } as Scope['inventory'];
  return decideTiles({ services, inventory }, system, readOrRefuse(single(text)));
};
const apply = async (
  text: string,
  services: readonly ScopedService[],
  steps: readonly StepOf<'glance'>[],
): Promise<string> => {
  const { sources } = await applySteps(single(text), steps, ({ service, after }) => {
    const tile = services.find(({ name }) => name === service)?.service.tile ?? null;
    const lines = after === null ? null : renderEntry(service, after.kind, tile);
    return lines === null ? null : parseKept(lines);
  });
  return sources.texts.get(main) ?? '';
};

describe('addresses that people wrote', () => {
  test.each([
    ['http://host/path?apikey=s3cret', 'http://host/path?…'],
    ['http://me:s3cret@host:81/path', 'http://…@host:81/path'],
    ['http://host/#auth_token=s3cret', 'http://host/#…'],
    ['http://me:s3/cret@host/path', 'http://…'],
    ['http://me:s3#cret@host/path', 'http://…'],
    ['/path?token=s3cret', '/path?…'],
    ['http://${HOST}:8080/x?key=${KEY}', 'http://${HOST}:8080/x?…'],
    ['https://host/@somebody', 'https://host/@somebody'],
  ])('%s is shown as %s', (address, words) => {
    expect(veiled(address)).toBe(words);
  });

  test('reach neither a plan nor Git with what is secret in them', async () => {
    const scoped = present(shown('grafana', { monitor: null }));
    const first = await apply(tutorial, [scoped], (await survey(tutorial, [scoped])).steps);
    const edited = first.replace(
      'url: https://grafana.home.lan',
      'url: http://me:s3cret@g.lan/?apikey=s3cret',
    );
    expect(edited).not.toBe(first);
    const { steps } = await survey(edited, [scoped]);
    expect(JSON.stringify(steps)).not.toContain('s3cret');
    expect(steps[0]?.changes).toEqual([
      { what: 'url', before: 'http://…@g.lan/?…', after: 'https://grafana.home.lan' },
    ]);
    expect(adoptTile(steps[0]!, scoped.service)).toBeNull();
    expect(await apply(edited, [scoped], steps)).toBe(first);
  });
});

describe('what Glance says', () => {
  test('is told by line and kind, without what it quotes', () => {
    expect(faultOf('yaml: unmarshal errors:\n  line 5: cannot unmarshal !!str `s3cret` into int')).toBe(
      'line 5: cannot unmarshal',
    );
    expect(faultOf('s3cret')).not.toContain('s3cret');
    expect(faultsIn('GET /?key=s3cret\nConfig has errors: unknown widget type: s3cret')).toBe(
      'Config has errors: unknown widget type',
    );
  });
});

describe('what would never end', () => {
  test('a file that includes itself twice is said at once', () => {
    expect(() => readOrRefuse(single('$include: glance.yml\n$include: glance.yml\n'))).toThrow(
      /deep.*glance\.yml/,
    );
  });

  test('two includes on each of many levels are said at once', () => {
    const folder = main.replace('glance.yml', '');
    const names = ['glance.yml', ...Array.from({ length: 18 }, (_, level) => `l${level}.yml`)];
    const texts = names.map((name, level) => {
      const line = `$include: ${names[level + 1] ?? 'end.yml'}\n`;
      return [`${folder}${name}`, line + line] as const;
    });
    expect(() => readOrRefuse(from({ ...Object.fromEntries(texts), [`${folder}end.yml`]: '' }))).toThrow(
      /includes more than 1000 files.*\.yml:\d/,
    );
  });

  test('aliases that multiply each other are said with their place', () => {
    const levels = Array.from({ length: 12 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]\n`);
    expect(() => readOrRefuse(single(`l0: &l0 [a]\n${levels.join('')}pages: []\n`))).toThrow(
      /glance\.yml:\d+: its aliases are used more than 10000 times/,
    );
    expect(() => readOrRefuse(single('pages: &p [*p]\n'))).toThrow(/stands for what it is in/);
  });
});

test('a copy of our line that somebody made their own is not removed without a record', async () => {
  const scoped = absent(shown('grafana', { monitor: null }));
  const text = tutorial.replace(/- title: Prometheus$/m, '- title: Mine # sentinel:grafana');
  expect(text).not.toBe(tutorial);
  const { steps, risks } = await survey(text, [scoped]);
  expect(steps).toEqual([]);
  expect(risks).toMatchObject([{ code: 'system-left', service: 'grafana' }]);
});

test('fifty services come and go with every other line as it was', async () => {
  const services = Array.from({ length: 50 }, (_, n) =>
    present(shown(`service${n}`, { monitor: null, group: 'Monitoring' })),
  );
  const { steps } = await survey(longText, services);
  expect(steps).toHaveLength(50);
  const there = await apply(longText, services, steps);
  expect(there.match(/# sentinel:service\d+$/gm)).toHaveLength(50);
  expect((await survey(there, services)).steps).toEqual([]);
  const gone = (
    await survey(
      there,
      services.map(({ service }) => absent(service)),
    )
  ).steps;
  expect(await apply(there, services, gone)).toBe(longText);
});

test('others have their turn while a large batch is worked in', async () => {
  const services = Array.from({ length: 50 }, (_, n) =>
    present(shown(`service${n}`, { monitor: null, group: n % 2 === 0 ? 'Monitoring' : 'Media' })),
  );
  const { steps } = await survey(longText, services);
  let turns = 0;
  const ticking = setInterval(() => (turns += 1), 0);
  await apply(longText, services, steps).finally(() => clearInterval(ticking));
  expect(turns).toBeGreaterThan(0);
});
