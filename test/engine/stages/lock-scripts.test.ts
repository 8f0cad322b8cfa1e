import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { beatScript, takeScript } from '../../../engine/stages/deploy/lock-scripts.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'locks-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const sh = (script: string, args: readonly string[], paths: readonly string[]) =>
  execa('sh', ['-c', script, 'sentinel', ...args], {
    input: paths.map((path) => `${path}\n`).join(''),
    reject: false,
  });
const lineOf = (id: string): string => JSON.stringify({ id, who: 'ana' });
function locked(name: string, id: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, '.sentinel'), { recursive: true });
  writeFileSync(join(path, '.sentinel', 'lock'), `${lineOf(id)}\n`);
  return path;
}
const holderOf = (path: string): string => readFileSync(join(path, '.sentinel', 'lock'), 'utf8').trim();

describe('locks on a host', () => {
  test('a lock that is held refuses and shows its holder', async () => {
    const path = locked('app', 'd-other');
    const { exitCode, stdout } = await sh(takeScript, [lineOf('d-mine'), 'd-mine', '60', ''], [path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: `taken ${path}\t${lineOf('d-other')}` });
    expect(holderOf(path)).toBe(lineOf('d-other'));
  });

  test('what a holder known to be dead left locked is taken over at once', async () => {
    const path = locked('app', 'd-dead');
    const { exitCode } = await sh(takeScript, [lineOf('d-mine'), 'd-mine', '60', 'd-gone d-dead'], [path]);
    expect(exitCode).toBe(0);
    expect(holderOf(path)).toBe(lineOf('d-mine'));
  });

  test('a beat counts only the locks that are still its own', async () => {
    const paths = [locked('a', 'd-mine'), locked('b', 'd-other')];
    expect((await sh(beatScript, ['d-mine'], paths)).stdout).toBe('1');
    expect((await sh(beatScript, ['d-nobody'], paths)).stdout).toBe('');
  });
});
