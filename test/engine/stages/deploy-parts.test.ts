import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recreations, oneShots } from '../../../engine/stages/deploy/compose-facts.ts';
import { sha256 } from '../../../engine/digest.ts';
import { quoteEnv } from '../../../engine/stages/deploy/desired.ts';
import { parseDistribution } from '../../../engine/stages/deploy/docker-answers.ts';
import { splitReference } from '../../../engine/stages/deploy/observe-images.ts';
import {
  observeInput,
  observeScript,
  parseObservation,
} from '../../../engine/stages/deploy/observe-script.ts';
import { forgettable, newReleaseId } from '../../../engine/stages/deploy/prune.ts';
import { formatRelease, parseRelease } from '../../../engine/stages/deploy/release-record.ts';
import { unsafeNames } from '../../../engine/stages/deploy/stage-files.ts';
import { applyScript, detachScript, removeScript } from '../../../engine/stages/deploy/apply-script.ts';
import { freeScript, takeScript } from '../../../engine/stages/deploy/lock-scripts.ts';
import { prepareScript } from '../../../engine/stages/deploy/prepare-script.ts';
import type { Release } from '../../../engine/types.ts';
import { service } from '../fixtures.ts';

const record = (id: string, createdAt: string, verifiedAt: string | null = null): Release => ({
  id,
  service: 'web',
  revision: null,
  deployment: null,
  createdAt,
  files: {},
  env: {},
  images: {},
  checks: null,
  verifiedAt,
});

describe('releases', () => {
  test('a record survives its way to the host and back, whatever the characters', () => {
    const release = {
      ...record('r', '2025-01-01T00:00:00Z'),
      env: { A: { value: 'grüße 🚀' }, B: { secret: 'S' } },
    };
    const line = formatRelease(release);
    expect(line).toMatch(/^[\x20-\x7e]+$/);
    expect(parseRelease('r', line)).toEqual(release);
    expect(parseRelease('r', '{"half')).toBeNull();
  });

  test('five are kept, among them always the one that ran and the last verified one', () => {
    const all = Array.from({ length: 8 }, (_, index) =>
      record(`r${index}`, `2025-01-0${index + 1}`, index === 1 ? 'yes' : null),
    );
    expect(forgettable(all, { next: 'r8', previous: 'r7' })).toEqual(['r3', 'r2', 'r0']);
    expect(forgettable(all, { next: 'r8', previous: 'r0' })).toEqual(['r3', 'r2']);
  });

  test('an id tells the moment and the commit, and is never taken twice', () => {
    const now = new Date('2025-11-21T03:44:05.123Z');
    const id = newReleaseId(now, 'abcdef0123', []);
    expect(id).toBe('20251121T034405Z-abcdef0');
    expect(newReleaseId(now, 'abcdef0123', [id])).toBe(`${id}-2`);
  });
});

describe('reading compose files', () => {
  test('containers that are meant to end are known by their restart policy or by who waits for them', () => {
    const compose = `services:
  job: { image: a, restart: "no" }
  setup: { image: a }
  web: { image: a, depends_on: { setup: { condition: service_completed_successfully } } }
`;
    expect([...oneShots(compose)]).toEqual(['job', 'setup']);
    expect([...oneShots('not: [yaml')]).toEqual([]);
  });

  test('only what mounts a changed file is recreated, and nothing for what Compose notices itself', () => {
    const part = { image: 'a', ports: [], volumes: [], privileged: false, healthcheck: false };
    const own = service('web', {
      files: { 'docker-compose.yml': 'services: { web: { env_file: ./app.env } }\n' },
      containers: [
        { ...part, name: 'web', binds: ['./conf'] },
        { ...part, name: 'db', binds: [] },
      ],
    });
    expect(recreations(own, ['conf/app.conf'])).toEqual(['web']);
    expect(recreations(own, ['docker-compose.yml', 'app.env'])).toEqual([]);
    expect(recreations(own, ['unseen.txt'])).toEqual(['web', 'db']);
  });
});

test('references are taken apart, with ports, digests and without tags', () => {
  expect(splitReference('registry:5000/a/b')).toEqual({
    repository: 'registry:5000/a/b',
    tag: 'latest',
    digest: null,
  });
  expect(splitReference('a:1')).toEqual({ repository: 'a', tag: '1', digest: null });
  expect(splitReference('r/a:1@sha256:f')).toEqual({ repository: 'r/a', tag: '1', digest: 'sha256:f' });
  expect(splitReference('a@sha256:f')).toEqual({ repository: 'a', tag: null, digest: 'sha256:f' });
});

test('what a registry says is told apart: a digest, no such image, no answer', () => {
  const answer = (status: number, body: unknown) =>
    parseDistribution({ status, body: Buffer.from(JSON.stringify(body)) }).kind;
  expect(answer(200, { Descriptor: { digest: 'sha256:f' } })).toBe('digest');
  expect(answer(404, { message: 'manifest unknown: manifest unknown' })).toBe('missing');
  expect(answer(500, { message: 'Get "https://r/v2/": dial tcp: lookup r: connection refused' })).toBe(
    'silent',
  );
});

test('files that would leave the install directory or hide our bookkeeping are refused', () => {
  const files = {
    'docker-compose.yml': '',
    'conf/a': '',
    '../x': '',
    '/etc/x': '',
    '.env': '',
    '.sentinel/lock': '',
    'a\nb': '',
  };
  expect(unsafeNames(service('web', { files }))).toEqual([
    '../x',
    '/etc/x',
    '.env',
    '.sentinel/lock',
    'a\nb',
  ]);
});

test.each([
  'plain',
  'a b',
  "it's",
  'ends in \\',
  "\\'",
  '$HOME',
  '"both" \'kinds\' $x \\',
  '',
  '#not a comment',
  'two\nlines',
])('the value %j is quoted so that it stands alone on its line', (value) => {
  const quoted = quoteEnv(value);
  const unquoted = quoted.startsWith('"')
    ? quoted.slice(1, -1).replace(/\\([\\"$])/g, '$1')
    : quoted.startsWith("'")
      ? quoted.slice(1, -1)
      : quoted;
  expect(unquoted).toBe(value);
  if (!/^['"]/.test(quoted)) expect(quoted).not.toMatch(/[\s'"$#\\]/);
});

const shells = [['dash', 'dash', []] as const, ['busybox ash', 'busybox', ['ash']] as const].filter(
  ([, program]) => ['/bin', '/usr/bin'].some((directory) => existsSync(join(directory, program))),
);

describe.each(shells)('scripts in %s', (_, program, first) => {
  let root: string;
  const run = (script: string, args: readonly string[], stdin = ''): string =>
    execFileSync(program, [...first, '-c', script, 'sentinel', ...args], {
      input: stdin,
      encoding: 'utf8',
      env: { PATH: `${root}/bin:/usr/bin:/bin`, TMPDIR: root },
    });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'scripts-'));
    mkdirSync(join(root, 'bin'));
    writeFileSync(join(root, 'bin/docker'), `#!/bin/sh\necho "$@" >> ${root}/docker.log\n`, { mode: 0o755 });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const path = () => join(root, 'my web');
  const put = (name: string, text: string) => {
    mkdirSync(join(path(), name, '..'), { recursive: true });
    writeFileSync(join(path(), name), text);
  };
  const apply = (
    release: string,
    more: Partial<Record<'record' | 'files' | 'removals' | 'recreated' | 'forgotten', string>> = {},
  ) =>
    run(detachScript, [
      applyScript,
      path(),
      'web',
      'docker',
      release,
      '',
      more.record ?? '',
      more.files ?? 'docker-compose.yml',
      more.removals ?? '',
      more.recreated ?? '',
      more.forgotten ?? '',
    ]);

  test('observing finds files, hashes, the current release and begun ones, in a path with spaces', () => {
    put('docker-compose.yml', 'a\n');
    put('.env', 'b\n');
    put('.sentinel/current', 'r1\n');
    put('.sentinel/applying', 'r2 r1\n');
    put('.sentinel/releases/r1/release.json', `${formatRelease(record('r1', '2025'))}\n`);
    put('.sentinel/releases/r1/.env', 'b\n');
    put('.sentinel/releases/r1/conf/gone', 'x\n');
    put('conf/gone', 'x\n');
    const stdout = run(observeScript, [root, 'docker'], observeInput([{ path: path(), files: ['other'] }]));
    const found = parseObservation(stdout, [path()]);
    expect(found.freeKilobytes).toBeGreaterThan(0);
    expect(found.places.get(path())).toMatchObject({
      files: { 'docker-compose.yml': sha256('a\n'), 'conf/gone': sha256('x\n') },
      envHash: sha256('b\n'),
      releasedEnvHash: sha256('b\n'),
      current: 'r1',
      applying: { release: 'r2', previous: 'r1' },
      releases: [{ id: 'r1' }],
      composeFiles: ['docker-compose.yml'],
    });
  });

  test('observing a host with nothing on it finds nothing and does not fail', () => {
    const stdout = run(
      observeScript,
      [join(root, 'not/there'), 'docker'],
      observeInput([{ path: '/not/there', files: [] }]),
    );
    expect(parseObservation(stdout, ['/not/there']).places.get('/not/there')).toMatchObject({
      files: {},
      current: null,
    });
  });

  test('applying puts files in place, starts Compose, and only then names the release current', () => {
    put('docker-compose.yml', 'old\n');
    put('stale', 'x\n');
    put('.sentinel/releases/r1/docker-compose.yml', 'new\n');
    put('.sentinel/releases/r1/.env', 'A=1\n');
    put('.sentinel/releases/r0/release.json', '{}\n');
    apply('r1', { record: '{"id":"r1"}', removals: 'stale', recreated: 'web\ndb', forgotten: 'r0' });
    const read = (name: string) => readFileSync(join(path(), name), 'utf8');
    expect(read('docker-compose.yml')).toBe('new\n');
    expect(read('docker-compose.yml.bak')).toBe('old\n');
    expect(read('.env')).toBe('A=1\n');
    expect(read('.sentinel/current')).toBe('r1\n');
    expect(read('.sentinel/releases/r1/release.json')).toBe('{"id":"r1"}\n');
    for (const gone of [
      'stale',
      '.sentinel/applying',
      '.sentinel/apply.pid',
      '.sentinel/apply.code',
      '.sentinel/releases/r0',
    ])
      expect(existsSync(join(path(), gone)), gone).toBe(false);
    const calls = readFileSync(join(root, 'docker.log'), 'utf8').trim().split('\n');
    expect(calls).toHaveLength(2);
    expect(calls[0]).toMatch(/ up -d .*--remove-orphans --force-recreate web db$/);
    expect(calls[1]).toMatch(/ --ansi never up -d --no-build --pull never --remove-orphans$/);
  });

  test('a Compose that fails leaves the mark of what was begun, and the release before as the current one', () => {
    put('.sentinel/current', 'r0\n');
    put('.sentinel/releases/r1/docker-compose.yml', 'new\n');
    writeFileSync(join(root, 'bin/docker'), '#!/bin/sh\necho no luck >&2\nexit 17\n', { mode: 0o755 });
    expect(() => apply('r1', { record: '{}' })).toThrow(/Command failed/);
    expect(readFileSync(join(path(), '.sentinel/applying'), 'utf8')).toBe('r1 \n');
    expect(readFileSync(join(path(), '.sentinel/current'), 'utf8')).toBe('r0\n');
    expect(existsSync(join(path(), '.sentinel/releases/r1/release.json'))).toBe(false);
  });

  test('removing takes down by the file that is there, deletes what was named, and forgets the unfinished', () => {
    put('docker-compose.yml', 'x\n');
    put('photos/one', 'keep\n');
    put('.sentinel/applying', 'r1 \n');
    put('.sentinel/releases/r1/docker-compose.yml', 'x\n');
    run(detachScript, [removeScript, path(), 'web', 'docker', '', 'docker-compose.yml\n.env', '']);
    expect(existsSync(join(path(), 'docker-compose.yml'))).toBe(false);
    expect(existsSync(join(path(), 'photos/one'))).toBe(true);
    expect(existsSync(join(path(), '.sentinel/releases'))).toBe(false);
    expect(readFileSync(join(root, 'docker.log'), 'utf8')).toMatch(
      /-f .*docker-compose.yml --ansi never down --remove-orphans\n$/,
    );
  });

  test('getting ready ends nothing that only looks like ours', () => {
    put('.sentinel/apply.pid', `${process.pid}\n`);
    expect(run(prepareScript, [], `${path()}\n`)).toMatch(/^= cores \d+/);
    expect(existsSync(join(path(), '.sentinel/apply.pid'))).toBe(false);
  });

  test('a lock is taken once, and freeing it leaves no directory behind', () => {
    const take = (id: string) =>
      run(takeScript, [JSON.stringify({ id, who: 'ana' }), id, '60'], `${path()}\n`);
    take('one');
    expect(() => take('two')).toThrow();
    run(freeScript, ['two'], `${path()}\n`);
    expect(existsSync(join(path(), '.sentinel/lock'))).toBe(true);
    run(freeScript, ['one'], `${path()}\n`);
    expect(existsSync(path())).toBe(false);
  });
});
