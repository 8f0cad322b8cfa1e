import { diffLines } from 'diff';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { expanded, type Sources } from '../../../../engine/stages/glance/compose.ts';
import { readOrRefuse } from '../../../../engine/stages/glance/change-lines.ts';
import { addEntry, removeEntry, replaceEntry } from '../../../../engine/stages/glance/edit.ts';
import { entriesOf, type TileEntry } from '../../../../engine/stages/glance/entries.ts';
import { renderEntry, type TileKind } from '../../../../engine/stages/glance/entry-text.ts';
import { parseKept } from '../../../../engine/stages/glance/kept-entry.ts';
import { proveEdit } from '../../../../engine/stages/glance/prove-edit.ts';
import type { Tile } from '../../../../engine/index.ts';
import { type Fixture, fixtures, longText, main, tutorial } from './dashboards.ts';

const sourcesOf = ({ files }: Pick<Fixture, 'files'>): Sources => ({
  main,
  inside: '/app/config',
  texts: new Map(Object.entries(files)),
});
const single = (text: string): Sources => sourcesOf({ files: { [main]: text } });
const textsOf = ({ texts }: Sources) => Object.fromEntries(texts);

/** Values that are easily written wrong. */
const tile = (
  service: string,
  { page = null, group = 'Monitoring', widget = 'Services' }: Partial<Fixture> = {},
): Tile => ({
  page,
  bookmark: {
    group,
    title: `${service}: "it's" \${HOME} #1 🚀`,
    url: `https://${service}.home.lan/?a=1&b=#/x`,
    description: 'yes',
    icon: 'si:grafana',
  },
  monitor: {
    widget,
    title: `no ${service}`,
    url: `https://${service}.home.lan`,
    checkUrl: `http://192.168.40.13:3030/api/health`,
    alsoHealthy: [401, 403],
    icon: null,
  },
});

const kinds: readonly TileKind[] = ['bookmark', 'monitor'];
const add = (sources: Sources, service: string, kind: TileKind, fixture: Partial<Fixture> = {}): Sources => {
  const wanted = tile(service, fixture);
  const list = (kind === 'bookmark' ? wanted.bookmark?.group : wanted.monitor?.widget) ?? '';
  const entry = parseKept(renderEntry(service, kind, wanted) ?? '');
  const after = addEntry(sources, { kind, page: wanted.page, list }, { entry, spot: null });
  proveEdit(sources, after);
  return after;
};
const find = (sources: Sources, service: string, kind: TileKind): TileEntry => {
  const found = entriesOf(readOrRefuse(sources)).filter(
    (one) => one.service === service && one.kind === kind,
  );
  expect(new Set(found.map(({ file, first }) => `${file}:${first}`)).size).toBe(1);
  return found[0]!;
};
const remove = (sources: Sources, service: string, kind: TileKind): Sources => {
  const after = removeEntry(sources, find(sources, service, kind));
  proveEdit(sources, after);
  return after;
};

/** Lines that went and lines that came, all files together. */
function changedLines(before: Sources, after: Sources) {
  const parts = [...after.texts].flatMap(([file, text]) => diffLines(before.texts.get(file) ?? '', text));
  const lines = (kept: (part: (typeof parts)[number]) => boolean) =>
    parts.filter(kept).flatMap(({ value }) => value.split('\n').filter((line) => line !== ''));
  return { removed: lines(({ removed }) => removed), added: lines(({ added }) => added) };
}

/** As Glance reads it, once templates are put in. */
const meaning = (sources: Sources): unknown =>
  parse(
    expanded(sources)
      .replace(/(^|[^\\])\$\{[A-Za-z0-9_:-]+\}/gm, '$1value')
      .replace(/(^|[^\\])\$\{[A-Za-z0-9_:-]+\}/gm, '$1value')
      .replaceAll('\\${', '${'),
    { merge: true, maxAliasCount: -1 },
  );

describe.each(fixtures)('in $name', (fixture) => {
  const before = sourcesOf(fixture);

  test.each(kinds)('adding a %s changes no other line', (kind) => {
    const after = add(before, 'grafana', kind, fixture);
    const { added, removed } = changedLines(before, after);
    const rendered = (renderEntry('grafana', kind, tile('grafana', fixture)) ?? '').split('\n');
    const ours = added.map((line) => line.replace(/\r$/, '').trim());
    for (const line of rendered) expect(ours).toContain(line.trim());
    // A list that was empty, and the last line of a file without a line feed, are the only ones that are written anew.
    const restored = added.map((line) => line.replace('# sentinel, was: ', ''));
    for (const line of removed) expect(restored.map((one) => one.trimEnd())).toContain(line.trimEnd());
    const made = ours.filter((line) => !rendered.some((one) => one.trim() === line)).length - removed.length;
    expect(made).toBeLessThanOrEqual(9);
  });

  test.each(kinds)('Glance reads the %s as the definition says', (kind) => {
    const wanted = tile('grafana', fixture);
    const text = JSON.stringify(meaning(add(before, 'grafana', kind, fixture)));
    const expected =
      kind === 'bookmark'
        ? { title: wanted.bookmark?.title, url: wanted.bookmark?.url, description: 'yes', icon: 'si:grafana' }
        : {
            title: 'no grafana',
            url: wanted.monitor?.url,
            'check-url': wanted.monitor?.checkUrl,
            'alt-status-codes': [401, 403],
          };
    expect(text).toContain(JSON.stringify(expected));
  });

  test.each(kinds)('adding and removing a %s gives back the same bytes', (kind) => {
    expect(textsOf(remove(add(before, 'grafana', kind, fixture), 'grafana', kind))).toEqual(textsOf(before));
  });

  test('adds and removals of three services, in any order, give back the same bytes', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
    for (let round = 0; round < (fixture.name.startsWith('thousands') ? 1 : 4); round += 1) {
      let now = before;
      const open = ['grafana', 'n8n', 'my_app'].flatMap((service) =>
        kinds.map((kind) => ({ service, kind })),
      );
      const there: typeof open = [];
      while (open.length + there.length > 0) {
        const pick = random(open.length + there.length);
        if (pick < open.length) {
          const [one] = open.splice(pick, 1);
          now = add(now, one!.service, one!.kind, fixture);
          there.push(one!);
        } else {
          const [one] = there.splice(pick - open.length, 1);
          now = remove(now, one!.service, one!.kind);
        }
      }
      expect(textsOf(now)).toEqual(textsOf(before));
    }
  });

  test('changing an entry and changing it back gives the same bytes', () => {
    const added = add(add(before, 'grafana', 'bookmark', fixture), 'n8n', 'bookmark', fixture);
    const found = find(added, 'grafana', 'bookmark');
    const other = parseKept("- title: 'Other' # sentinel:grafana\n  url: https://o.lan");
    const changed = replaceEntry(added, found, other);
    proveEdit(added, changed);
    expect(find(changed, 'grafana', 'bookmark').values.title).toBe('Other');
    const back = replaceEntry(changed, find(changed, 'grafana', 'bookmark'), found.kept);
    expect(textsOf(back)).toEqual(textsOf(added));
  });

  test('taking an entry out and putting it back where it was gives the same bytes', () => {
    const added = ['a', 'b', 'c'].reduce((now, service) => add(now, service, 'monitor', fixture), before);
    for (const service of ['a', 'b', 'c']) {
      const found = find(added, service, 'monitor');
      const spot = { index: found.index, gap: found.kept.gap };
      const target = { kind: 'monitor' as const, page: fixture.page, list: fixture.widget };
      const back = addEntry(remove(added, service, 'monitor'), target, { entry: found.kept, spot });
      expect(textsOf(back)).toEqual(textsOf(added));
    }
  });
});

describe('an entry of ours that people wrote around', () => {
  const added = add(add(single(tutorial), 'grafana', 'bookmark'), 'n8n', 'bookmark');
  const text = added.texts.get(main)!;

  test.each([
    [
      'comments and blank lines above it',
      text.replace(/^( *- title:.*sentinel:n8n)$/m, '\n                  # mine\n\n$1'),
    ],
    [
      'a comment and a field in it',
      text.replace(
        /^( *)(description: 'yes'\n)(?![\s\S]*description: 'yes')/m,
        '$1# why\n$1$2$1same-tab: true\n',
      ),
    ],
    ['a comment that stands to the left of it', text.replace(/^( *icon: si:grafana\n)/m, '# left\n$1')],
    ['spaces at the end of its lines', text.replace(/^( *url: .*n8n.*)$/m, '$1   ')],
  ])('comes back as it was: %s', (_, edited) => {
    expect(edited).not.toBe(text);
    const before = single(edited);
    for (const service of ['grafana', 'n8n']) {
      const found = find(before, service, 'bookmark');
      const without = remove(before, service, 'bookmark');
      const target = { kind: 'bookmark' as const, page: null, list: 'Monitoring' };
      const spot = { index: found.index, gap: found.kept.gap };
      expect(addEntry(without, target, { entry: found.kept, spot }).texts.get(main)).toBe(edited);
    }
  });

  test('keeps what people put into a group we made', () => {
    const made = add(single(tutorial), 'grafana', 'bookmark', { group: 'New' });
    const edited = single(
      made.texts.get(main)!.replace(/^( *)(- title: New.*)$/m, '$1$2\n$1  color: 10 70 50'),
    );
    expect(remove(edited, 'grafana', 'bookmark').texts.get(main)).toContain('color: 10 70 50\n');
  });
});

describe('what cannot be edited line by line', () => {
  const within = (sites: string) =>
    single(
      `pages:\n  - name: Home\n    columns:\n      - size: full\n        widgets:\n          - type: monitor\n            title: Services\n            sites: ${sites}\n`,
    );

  test.each(['[{title: a, url: b}]', '[\n              ]', 'oops'])(
    'is refused with its place: %s',
    (sites) => {
      expect(() => add(within(sites), 'grafana', 'monitor')).toThrow(
        /in brackets at \/opt\/glance\/config\/glance\.yml:8/,
      );
    },
  );

  test('a configuration in braces is refused', () => {
    expect(() => add(single('{pages: [{name: Home}]}\n'), 'grafana', 'monitor')).toThrow(/in brackets/);
  });

  test.each([
    ['pages:\n  - name: [Home\n', /glance\.yml:\d+/],
    ['pages:\n  $include: gone.yml\n', /includes \/opt\/glance\/config\/gone\.yml, which does not exist/],
    ['$include: glance.yml\n', /more than 20 deep/],
    ['pages: []\npages: []\n', /unique/],
    ['- a\n', /holds no configuration/],
    ['pages: \uFFFD\n', /UTF-8/],
  ])('a broken configuration is said in words: %j', (text, words) => {
    expect(() => readOrRefuse(single(text))).toThrow(words);
  });

  test('an edit that would change the meaning of something else is never written', () => {
    const before = single(tutorial);
    const after = single(tutorial.replace('title: Media', 'title: Medium'));
    expect(() => proveEdit(before, after)).toThrow(/more of Glance's configuration/);
  });
});

test('ten services come into a file of thousands of lines in seconds', () => {
  expect(longText.split('\n').length).toBeGreaterThan(3000);
  const started = performance.now();
  let now = single(longText);
  for (let n = 0; n < 10; n += 1) now = add(now, `service${n}`, 'bookmark', { page: 'p7' });
  expect(performance.now() - started).toBeLessThan(20_000);
});
