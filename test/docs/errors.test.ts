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
