import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { problems } from '../../engine/index.ts';

const documented = new Map(
  readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, code, meaning] = /^\| `([a-z-]+)` \| ([^|]+) \|/.exec(line) ?? [];
      return code === undefined || meaning === undefined ? [] : [[code, meaning.trim()] as const];
    }),
);

describe('docs/errors.md', () => {
  test('documents every code of the engine with its sentence, and none that is gone', () => {
    expect(Object.fromEntries(documented)).toEqual(problems);
  });
});

describe('docs/troubleshooting.md', () => {
  const text = readFileSync('docs/troubleshooting.md', 'utf8');
  const sections = text.split(/^## /m).slice(1);

  test('has each code in exactly one section, and none that is gone', () => {
    const named = sections.flatMap((section) => {
      const [, codes = ''] = section.split('\n\n');
      return [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
    });
    expect(named.toSorted()).toEqual(Object.keys(problems).toSorted());
  });

  test('lists its sections in their order', () => {
    const listed = [...text.matchAll(/^- \[(.+)\]\(#/gm)].map(([, title]) => title);
    expect(listed).toEqual(sections.map((section) => section.split('\n')[0]));
  });
});
