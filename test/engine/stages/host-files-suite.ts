import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  keptDirectory,
  readHostFiles,
  readHostTexts,
  readKept,
  writeHostFiles,
  type Writing,
} from '../../../engine/stages/host-files/index.ts';
import type { World } from '../../../lab/world.ts';
import { waitingTests } from './host-files-waiting.ts';
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
    const write = async (
      path: string,
      expected: string | null,
      text: string | null,
      more?: Partial<Writing>,
    ) =>
      (
        await writeHostFiles(
          machine(),
          { writes: [{ path, expected: expected === null ? null : sha(expected), text }], ...more },
          signal,
        )
      ).get(path);

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

    test('that are put back have the mode and the owner they had', async () => {
      const path = at('private.yml');
      await exec(`printf secret > ${path}; chmod 600 ${path}; chown 12:34 ${path} 2>/dev/null`);
      const before = await exec(`stat -c '%a %u:%g' ${path}`);
      expect(await write(path, 'secret', null)).toBe('written');
      expect(await write(path, null, 'secret')).toBe('written');
      expect(await exec(`stat -c '%a %u:%g' ${path}`)).toBe(before);
      expect(before).toMatch(/^600 /);
    });

    test('that are links go without what they lead to, and come back as links', async () => {
      await exec(`printf old > ${at('target.yml')}; ln -s target.yml ${at('way.yml')}`);
      expect(await write(at('way.yml'), 'old', null)).toBe('written');
      expect(await exec(`cat ${at('target.yml')}; readlink ${at('way.yml')}`)).toBe('old');
      expect(await write(at('way.yml'), null, 'old')).toBe('written');
      expect(await exec(`cat ${at('target.yml')}; readlink ${at('way.yml')}`)).toBe('oldtarget.yml\n');
      expect(await write(at('way.yml'), 'old', null)).toBe('written');
      await exec(`printf other > ${at('target.yml')}`);
      expect(await write(at('way.yml'), null, 'old')).toBe('written');
      expect(await exec(`cat ${at('way.yml')} ${at('target.yml')}; readlink ${at('way.yml')}`)).toBe(
        'oldother',
      );
    });

    test('are not written through a link somebody planted beside them', async () => {
      await exec(`printf precious > ${at('victim')}; ln -s victim ${at('trap.yml')}.sentinel.tmp`);
      expect(await write(at('trap.yml'), null, 'new')).toBe('written');
      expect(await play.host.readFile(at('victim'))).toBe('precious');
      expect(await play.host.readFile(at('trap.yml'))).toBe('new');
    });

    test('are in directories others can read', async () => {
      expect(await write(at('made/deep/in.yml'), null, 'x')).toBe('written');
      expect(await exec(`stat -c %a ${at('made')} ${at('made/deep')} ${at('made/deep/in.yml')}`)).toBe(
        '755\n755\n644\n',
      );
    });

    test('leave nothing of a run that was killed, and nothing that is not ours goes', async () => {
      const [ours, young, theirs] = ['.sentinel.aB3dE6.tmp', '.sentinel.zZ3dE6.tmp', 'edit.tmp'];
      await exec(
        `mkdir -p ${at('swept')}; cd ${at('swept')}; touch ${young}; touch -d '2 hours ago' ${ours} ${theirs}`,
      );
      expect(await write(at('swept/in.yml'), null, 'x')).toBe('written');
      expect((await exec(`ls -A ${at('swept')}`)).split('\n').toSorted()).toEqual(
        ['', young, theirs, 'in.yml'].toSorted(),
      );
    });

    test('are kept for ninety days, a thousand of them, and all of the last day', async () => {
      const kept = keptDirectory(play.entry);
      const make = (from: string, days: number) =>
        exec(`cd ${kept} && seq -f '${from}%04g' 1 1005 | xargs touch -d '${days} days ago'`);
      const count = async (from: string) => Number(await exec(`ls ${kept} | grep -c '^${from}'`));
      await writeHostFiles(machine(), { writes: [], keep: ['kept'] }, signal);
      await exec(`cd ${kept} && touch -d '100 days ago' ancient && touch -d '80 days ago' old`);
      await writeHostFiles(machine(), { writes: [], keep: ['kept'] }, signal);
      expect(await exec(`cd ${kept} && ls ancient old 2>/dev/null`)).toBe('old\n');
      await make('young', 0);
      await make('aged', 2);
      await writeHostFiles(machine(), { writes: [], keep: ['kept'] }, signal);
      expect([await count('young'), await count('aged')]).toEqual([1005, 0]);
      await exec(`rm -f ${kept}/young*`);
      await make('aged', 2);
      await writeHostFiles(machine(), { writes: [], keep: ['kept'] }, signal);
      expect(await count('[a-z0-9]')).toBe(1000);
      await exec(`rm -f ${kept}/aged*`);
    });

    test('are not shown when reading fails', async () => {
      await exec(`printf topsecret > ${at('secret.txt')}`);
      const shown = {
        ...machine(),
        run: () =>
          Promise.resolve({ exitCode: 1, stdout: `${at('secret.txt')}\ndG9wc2VjcmV0\n`, stderr: '' }),
      };
      const error: unknown = await readHostFiles(shown, { files: [at('secret.txt')] }, signal).catch(
        (cause: unknown) => cause,
      );
      expect(JSON.stringify(error)).toContain('read files');
      expect(JSON.stringify(error)).not.toContain('dG9wc2VjcmV0');
    });

    test('that are no text are told apart', async () => {
      await exec(
        `printf '\\377\\376a' > ${at('latin.yml')}; printf 'a\\0b' > ${at('nul.yml')}; printf ü > ${at('fine.yml')}`,
      );
      const files = ['latin.yml', 'nul.yml', 'fine.yml'].map(at);
      const { texts, notText } = await readHostTexts(machine(), { files }, signal);
      expect([...notText]).toEqual(files.slice(0, 2));
      expect([...texts.keys()]).toEqual(files);
    });

    test('lose no line when two controllers write them at once', async () => {
      const path = at('shared.yml');
      const other = createPlay(world, play.host);
      const add = async (from: Play, line: string): Promise<void> => {
        const host = from.ports.host(from.entry);
        for (;;) {
          const now = (await readHostFiles(host, { files: [path] }, signal)).get(path) ?? null;
          const writes = [{ path, expected: now === null ? null : sha(now), text: `${now ?? ''}${line}\n` }];
          if ((await writeHostFiles(host, { writes }, signal)).get(path) === 'written') return;
        }
      };
      const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
      try {
        await Promise.all(lines.map((line, i) => add(i % 2 === 0 ? play : other, line)));
      } finally {
        await other.close();
      }
      const found = (await play.host.readFile(path)) ?? '';
      expect(found.trimEnd().split('\n').toSorted()).toEqual(lines.toSorted());
    }, 120_000);

    waitingTests({ play: () => play, at, write });
  });
}
