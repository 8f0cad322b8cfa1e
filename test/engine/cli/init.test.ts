import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ask } from '../../../engine/cli/ask.ts';
import { filesBelow } from '../definitions/support.ts';
import { createScratch } from '../providers/git/scratch.ts';
import { definition, inventory, sentinel } from './command-line.ts';

let scratch: ReturnType<typeof createScratch>;
let directory: string;
beforeEach(() => {
  scratch = createScratch();
  directory = scratch.directory('homelab');
});
afterEach(() => scratch.remove());

const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/** Answers every question with the same word. */
function always(answer: boolean): Ask & { readonly asked: string[] } {
  const asked: string[] = [];
  const never = (): never => {
    throw new Error('not a question of init');
  };
  return {
    asked,
    confirm: (question) => Promise.resolve((asked.push(question), answer)),
    text: never,
    choose: never,
  };
}

describe('into an empty folder', () => {
  test('a fleet is written that is valid without a warning, and what is left to do is said', async () => {
    const { exitCode, out, err } = await sentinel(['init', 'fleet'], { directory });
    expect([exitCode, err]).toEqual([0, '']);
    expect(Object.keys(filesBelow(directory)).sort()).toEqual([
      '.gitignore',
      '.gitlab-ci.yml',
      'README.md',
      'schema/sentinel-schema.json',
      'schema/service-schema.json',
      'sentinel.yml',
      'services/utilities/whoami.yml',
    ]);
    for (const said of ['SSH_PRIVATE_KEY', 'type File', 'SENTINEL_IMAGE', 'sentinel init service'])
      expect(out).toContain(said);
    expect(await sentinel(['validate'], { directory })).toEqual({
      exitCode: 0,
      out: 'valid  1 service\n',
      err: '',
    });
  });

  test('a single repository is written that is valid too', async () => {
    expect(await sentinel(['init', 'single'], { directory })).toMatchObject({ exitCode: 0, err: '' });
    expect(await sentinel(['validate'], { directory })).toEqual({
      exitCode: 0,
      out: 'valid  1 service\n',
      err: '',
    });
    expect(read('.gitlab-ci.yml')).toContain('SERVICE_NAME: whoami');
    expect(existsSync(join(directory, 'config/docker-compose.yml'))).toBe(true);
  });

  test('every definition names a schema that is there, for editors', async () => {
    for (const kind of ['fleet', 'single']) {
      directory = scratch.directory(kind);
      await sentinel(['init', kind], { directory });
      const named = Object.entries(filesBelow(directory)).filter(([, text]) =>
        text.includes('yaml-language-server'),
      );
      expect(named).toHaveLength(2);
      for (const [path, text] of named) {
        const schema = /\$schema=(\S+)/.exec(text)?.[1] ?? '';
        expect(JSON.parse(read(join(dirname(path), schema)))).toHaveProperty('$schema');
      }
    }
  });

  test('templates are the shared pipeline alone, and the folder is made', async () => {
    const { exitCode } = await sentinel(['init', 'templates', '--directory', 'new/templates'], { directory });
    expect([exitCode, Object.keys(filesBelow(join(directory, 'new/templates'))).sort()]).toEqual([
      0,
      ['README.md', 'ci/deploy-docker-service.yml'],
    ]);
  });

  test('a dry run writes nothing and shows what it would', async () => {
    const { exitCode, out } = await sentinel(['init', '--dry-run'], { directory });
    expect([exitCode, filesBelow(directory)]).toEqual([0, {}]);
    expect(out).toContain('would be written   .gitlab-ci.yml');
  });
});

describe('into a repository somebody works in', () => {
  test('what is there stays: definitions, sentinel.yml, README; and no example is added', async () => {
    const mine = { 'sentinel.yml': inventory, 'services/a.yml': definition('a'), 'README.md': 'mine\n' };
    write(mine);
    const { exitCode, out } = await sentinel(['init'], { directory });
    expect([exitCode, out]).toEqual([0, expect.stringContaining('yours, left as is  README.md')]);
    expect(filesBelow(directory)).toMatchObject(mine);
    expect(existsSync(join(directory, 'services/utilities'))).toBe(false);
  });

  test('a single repository is told from its files, and its service is named in the pipeline', async () => {
    write(filesBelow('examples/single/grafana-homelab'));
    const { exitCode, out } = await sentinel(['init'], { directory });
    expect([exitCode, out]).toEqual([0, expect.stringContaining('there already      .gitlab-ci.yml')]);
    expect(read('.gitlab-ci.yml')).toContain('SERVICE_NAME: grafana');
  });

  test('again, it changes nothing', async () => {
    await sentinel(['init'], { directory });
    const before = filesBelow(directory);
    const times = Object.keys(before).map((path) => statSync(join(directory, path)).mtimeMs);
    expect((await sentinel(['init'], { directory })).exitCode).toBe(0);
    expect(filesBelow(directory)).toEqual(before);
    expect(Object.keys(before).map((path) => statSync(join(directory, path)).mtimeMs)).toEqual(times);
  });

  test('without a terminal a file that differs is shown, and nothing at all is written', async () => {
    write({ '.gitlab-ci.yml': 'stages: [mine]\n' });
    const { exitCode, out, err } = await sentinel(['init', 'fleet'], { directory });
    expect(exitCode).toBe(1);
    expect(out).toMatch(
      /^--- \.gitlab-ci\.yml\tas it is\n\+\+\+ \.gitlab-ci\.yml\tas it would be\n@@[^]*\n-stages: \[mine\]\n/,
    );
    expect(err).toContain('file-exists  Nothing was written: .gitlab-ci.yml is there already');
    expect(filesBelow(directory)).toEqual({ '.gitlab-ci.yml': 'stages: [mine]\n' });
  });

  test('in a terminal each file is asked for after its difference, and a no keeps it', async () => {
    write({ '.gitlab-ci.yml': 'stages: [mine]\n' });
    const no = always(false);
    expect((await sentinel(['init', 'fleet'], { directory, ask: no })).exitCode).toBe(0);
    expect([no.asked, read('.gitlab-ci.yml')]).toEqual([
      ['Write .gitlab-ci.yml as shown above?'],
      'stages: [mine]\n',
    ]);
    expect(existsSync(join(directory, 'sentinel.yml'))).toBe(true);
    await sentinel(['init', 'fleet'], { directory, ask: always(true) });
    expect(read('.gitlab-ci.yml')).toContain('detect_changes:');
  });

  test('--force takes ours, and still shows what it replaces', async () => {
    write({ '.gitlab-ci.yml': 'stages: [mine]\n', 'sentinel.yml': inventory });
    const { exitCode, out } = await sentinel(['init', 'fleet', '--force'], { directory });
    expect([exitCode, out]).toEqual([0, expect.stringContaining('-stages: [mine]')]);
    expect([read('.gitlab-ci.yml').includes('detect_changes:'), read('sentinel.yml')]).toEqual([
      true,
      inventory,
    ]);
  });

  test('a folder in the place of a file ends it before anything is written', async () => {
    mkdirSync(join(directory, '.gitlab-ci.yml'));
    const { exitCode, err } = await sentinel(['init'], { directory });
    expect([exitCode, err]).toEqual([3, expect.stringContaining('it is a folder')]);
    expect(filesBelow(directory)).toEqual({});
  });

  test('a project path that would be another line of the file is a mistake in the command', async () => {
    const args = ['init', 'single', '--templates', 'homelab/x\nscript: rm'];
    expect(await sentinel(args, { directory })).toMatchObject({ exitCode: 2 });
    expect(filesBelow(directory)).toEqual({});
  });
});

test('the examples are what init writes, byte for byte', async () => {
  const examples = {
    'examples/homelab': ['init', 'fleet'],
    'examples/single/grafana-homelab': ['init', 'single'],
    'examples/single/gitops-templates': ['init', 'templates'],
  };
  for (const [example, args] of Object.entries(examples)) {
    directory = scratch.directory(example);
    const files = filesBelow(example);
    const pipelines = Object.keys(files).filter((path) =>
      /(?:^|\/)(?:\.gitlab-ci|deploy-docker-service)\.yml$/.test(path),
    );
    expect([example, pipelines.length]).toEqual([example, 1]);
    write(Object.fromEntries(Object.entries(files).filter(([path]) => !pipelines.includes(path))));
    expect((await sentinel(args, { directory })).exitCode).toBe(0);
    for (const path of pipelines) expect([path, read(path)]).toEqual([path, files[path]]);
  }
});
