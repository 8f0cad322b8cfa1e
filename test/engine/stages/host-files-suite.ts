import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHostFiles, readKept, writeHostFiles } from '../../../engine/stages/host-files/index.ts';
import type { World } from '../../../lab/world.ts';
import { createPlay, type Play } from './support/play.ts';

/** Reading and replacing files of a host; real and simulated ones may not disagree. */
export function hostFilesSuite(title: string, createWorld: () => Promise<World>): void {
  describe(title, () => {
    let world: World;
    let play: Play;
    const { signal } = new AbortController();
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    const at = (name: string) => `${play.host.installRoot}/files/${name}`;
    const machine = () => play.ports.host(play.entry);
    const exec = async (shell: string) => (await play.host.exec(shell)).stdout;

    beforeAll(async () => {
      world = await createWorld();
      const [host] = world.hosts;
      if (host === undefined) throw new Error('a world without hosts');
      play = createPlay(world, host);
      await exec(`rm -rf ${at('')}; mkdir -p ${at('')}`);
    }, 300_000);
    afterAll(async () => {
      await play.close();
      await world.close();
    }, 120_000);

    test('are read by name and by ending, with what is in them to the last byte', async () => {
      await exec(
        `mkdir -p '${at('sub dir')}'; printf 'a: "ü"\\n\\n' > ${at('one.yml')}; printf x > '${at('sub dir/Two.YAML')}'; printf n > ${at('no.bak')}`,
      );
      const found = await readHostFiles(
        machine(),
        { files: [at('absent.yml')], directories: [at('')], endings: ['.yml', '.yaml'] },
        signal,
      );
      expect([...found.values()].toSorted()).toEqual(['a: "ü"\n\n', 'x']);
    });

    test('are replaced only while they are what was read, and what was there is kept', async () => {
      const path = at('guarded.yml');
      const write = (expected: string | null, text: string | null) =>
        writeHostFiles(machine(), { writes: [{ path, expected, text }] }, signal);
      expect((await write(null, 'first\n')).get(path)).toBe('written');
      expect((await write(null, 'late\n')).get(path)).toBe('moved');
      expect(await play.host.readFile(path)).toBe('first\n');
      expect((await write(sha('first\n'), 'second\n')).get(path)).toBe('written');
      expect((await write(sha('second\n'), null)).get(path)).toBe('written');
      expect(await play.host.readFile(path)).toBeUndefined();
      const kept = await readKept(machine(), [sha('first\n'), sha('second\n'), sha('never')], signal);
      expect([...kept.values()].toSorted()).toEqual(['first\n', 'second\n']);
    });

    test('keep their mode, and are behind the link they were behind', async () => {
      await exec(
        `printf old > ${at('real.yml')}; chmod 640 ${at('real.yml')}; ln -s real.yml ${at('link.yml')}`,
      );
      await writeHostFiles(
        machine(),
        { writes: [{ path: at('link.yml'), expected: sha('old'), text: 'new' }] },
        signal,
      );
      expect(
        await exec(`stat -c %a ${at('real.yml')}; cat ${at('real.yml')}; readlink ${at('link.yml')}`),
      ).toBe('640\nnewreal.yml\n');
    });

    test('lines that are taken out of one can be kept as well', async () => {
      const lines = '  - title: "odd" # ü\n';
      await writeHostFiles(machine(), { writes: [], keep: [lines] }, signal);
      expect((await readKept(machine(), [sha(lines)], signal)).get(sha(lines))).toBe(lines);
    });

    test('are left as they were when the disk is full', async () => {
      const path = at('full.yml');
      await writeHostFiles(machine(), { writes: [{ path, expected: null, text: 'safe\n' }] }, signal);
      await play.host.fillDisk();
      try {
        const write = writeHostFiles(
          machine(),
          { writes: [{ path, expected: sha('safe\n'), text: 'x'.repeat(100_000) }] },
          signal,
        );
        await expect(write).rejects.toMatchObject({ problem: { code: 'disk-full' } });
      } finally {
        await play.host.freeDisk();
      }
      expect(await play.host.readFile(path)).toBe('safe\n');
    });
  });
}
