import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadFleet } from './support.ts';

const folder = 'test/fixtures/service';
const valid = readdirSync(`${folder}/valid`);
const invalid = readdirSync(`${folder}/invalid`);

describe('a valid service file', () => {
  test.each(valid)('%s becomes a service without a word', (name) => {
    const path = `services/utilities/${name}`;
    const { fleet, problems } = loadFleet({ [path]: readFileSync(`${folder}/valid/${name}`, 'utf8') });
    expect(problems).toEqual([]);
    expect(fleet.services.map(({ file }) => file)).toEqual([path]);
  });
});

describe('an invalid service file', () => {
  test.each(invalid)('%s is refused with just the messages its first lines announce', (name) => {
    const text = readFileSync(`${folder}/invalid/${name}`, 'utf8');
    const announced = text
      .split('\n')
      .filter((line) => /^# \d+:\d+ /.test(line))
      .map((line) => line.slice(2));
    const path = `services/utilities/${name}`;
    const { fleet, problems } = loadFleet({ [path]: text });
    expect(problems.map(({ where = '', message }) => `${where.replace(`${path}:`, '')} ${message}`)).toEqual(
      announced,
    );
    expect(announced).not.toEqual([]);
    expect(fleet.services).toEqual([]);
    for (const { hint } of problems) expect(hint).toBeTruthy();
  });
});
