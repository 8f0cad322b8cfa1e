import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path/posix';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** Who may import whom. A folder may always import itself. */
const allowed = {
  schema: [],
  engine: ['schema'],
  data: ['engine'],
  commands: ['engine'],
  bot: ['schema', 'engine', 'data', 'commands'],
  lab: ['schema', 'engine', 'data', 'commands', 'bot', 'test'],
} as const satisfies Record<string, readonly string[]>;
type Folder = keyof typeof allowed;
const folders = Object.keys(allowed) as readonly Folder[];
const production = folders.filter((folder) => folder !== 'lab');

/** The one file of a folder that other folders import; only composition roots may go deeper. */
const faces: Readonly<Record<string, string>> = {
  schema: 'schema/index.ts',
  engine: 'engine/index.ts',
  data: 'data/index.ts',
  commands: 'commands/index.ts',
};
/** The places that wire things, and the configuration they wire them from. */
const compositionRoots = [
  'bot/main.ts',
  'bot/start.ts',
  'bot/cli.ts',
  'bot/environment-secrets.ts',
  'bot/live-ports.ts',
  'bot/open-doctor.ts',
  'bot/open-notifier.ts',
  'bot/sources.ts',
  'bot/terminal-questions.ts',
  'bot/config-repository.ts',
];

/** Libraries of one product, and the only places that may know them. */
const vendors: Readonly<Record<string, readonly string[]>> = {
  'discord.js': ['bot/', 'commands/'],
  '@discordjs/builders': ['bot/', 'commands/'],
  'better-sqlite3': ['data/'],
  ssh2: ['engine/providers/ssh/'],
  'node-ssh': ['engine/providers/ssh/'],
  execa: ['engine/providers/git/'],
  undici: ['engine/providers/'],
  'p-retry': ['engine/providers/'],
  '@gitbeaker/rest': ['engine/providers/gitlab/'],
  commander: ['engine/cli/'],
  'junit-report-builder': ['engine/cli/'],
  pino: ['bot/'],
  ajv: ['schema/'],
  'ajv-formats': ['schema/'],
};
/** Ways out of the process that only adapters and composition roots need. */
const systemModules: Readonly<Record<string, readonly string[]>> = {
  child_process: ['engine/providers/'],
  net: ['engine/providers/', 'bot/'],
  http: ['engine/providers/', 'bot/'],
  https: ['engine/providers/', 'bot/'],
};

interface Import {
  readonly file: string;
  /** A path from the top of the project, or a package's name. */
  readonly to: string;
  readonly ours: boolean;
}

function filesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name.replaceAll('\\', '/')));
}

function importsOf(file: string): readonly Import[] {
  return ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.map(({ fileName }) => {
    const ours = fileName.startsWith('.');
    return { file, ours, to: ours ? join(file, '..', fileName) : packageOf(fileName) };
  });
}

function packageOf(name: string): string {
  const bare = name.replace(/^node:/, '');
  return bare.split('/', bare.startsWith('@') ? 2 : 1).join('/');
}

const isRoot = (file: string): boolean =>
  compositionRoots.some((root) => file === root || file.startsWith(root));
const isIn = (file: string, places: readonly string[]): boolean =>
  places.some((place) => file.startsWith(place));
const folderOf = (path: string): string => path.split('/')[0] ?? '';

test('there is something to look at in every folder that is finished', () => {
  for (const folder of ['schema', 'engine', 'data', 'commands', 'bot'])
    expect(filesOf(folder), folder).not.toEqual([]);
});

for (const folder of folders) {
  const files = filesOf(folder);
  if (files.length === 0) continue;
  describe(`${folder}/`, () => {
    test.each(files)(`%s imports only what ${folder} may know`, (file) => {
      const known: readonly string[] = [
        folder,
        ...allowed[folder],
        ...(isRoot(file) ? ['package.json'] : []),
      ];
      const strangers = importsOf(file).filter(({ ours, to }) => ours && !known.includes(folderOf(to)));
      expect(strangers).toEqual([]);
    });

    test.each(files)('%s enters other folders through their face', (file) => {
      if (folder === 'lab' || isRoot(file)) return;
      const past = importsOf(file).filter(
        ({ ours, to }) =>
          ours && folderOf(to) !== folder && faces[folderOf(to)] !== undefined && faces[folderOf(to)] !== to,
      );
      expect(past).toEqual([]);
    });
  });
}

describe('libraries', () => {
  const files = production.flatMap(filesOf);

  test.each(Object.entries(vendors))('%s is known only to its adapter', (name, places) => {
    const users = files.filter((file) => importsOf(file).some(({ ours, to }) => !ours && to === name));
    expect(users.filter((file) => !isIn(file, places))).toEqual([]);
  });

  test.each(Object.entries(systemModules))('node:%s is used only by adapters and the bot', (name, places) => {
    const users = files.filter((file) => importsOf(file).some(({ ours, to }) => !ours && to === name));
    expect(users.filter((file) => !isIn(file, places))).toEqual([]);
  });

  test('every package that is imported is a dependency, and production needs no development one', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const strangers = files
      .flatMap(importsOf)
      .filter(({ ours, to }) => !ours && !builtinModules.includes(to) && dependencies[to] === undefined);
    expect(strangers).toEqual([]);
  });
});

test('nothing that is shipped imports the lab or the tests', () => {
  const guilty = production
    .flatMap(filesOf)
    .flatMap(importsOf)
    .filter(({ ours, to }) => ours && ['lab', 'test'].includes(folderOf(to)));
  expect(guilty).toEqual([]);
});

test('only composition roots and adapters read the environment of the process', () => {
  const readers = production
    .flatMap(filesOf)
    .filter((file) => /process\.env\b/.test(readFileSync(file, 'utf8')))
    .filter((file) => !isRoot(file));
  expect(readers).toEqual([]);
});
