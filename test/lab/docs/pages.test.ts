import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { pages } from '../../../lab/docs/pages.ts';

const made = await pages();

describe('pages made from the code', () => {
  test.each(Object.keys(made))('%s is as the code and the schemas say; `npm run docs` writes it', (file) => {
    expect(readFileSync(file, 'utf8')).toBe(made[file]);
  });

  test('name every key of every file', () => {
    for (const schema of ['service', 'sentinel', 'bot']) {
      const keys = keysOf(JSON.parse(readFileSync(`schema/${schema}-schema.json`, 'utf8')));
      expect(keys.length).toBeGreaterThan(20);
      expect(keys.filter((key) => !made['docs/configuration.md']!.includes(`\`${key}\``))).toEqual([]);
    }
  });

  test('lead nowhere that is not there', () => {
    for (const [file, text] of Object.entries(made)) {
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
      const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
      expect(
        links.filter((anchor) => !headings.includes(anchor)),
        file,
      ).toEqual([]);
    }
  });
});

function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]: [string, unknown]) =>
    key === 'properties' && typeof value === 'object' && value !== null
      ? [...Object.keys(value), ...Object.values(value).flatMap(keysOf)]
      : keysOf(value),
  );
}
