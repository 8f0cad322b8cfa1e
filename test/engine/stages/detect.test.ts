import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCheckout } from '../../../engine/providers/git/checkout.ts';
import { usualPlace } from '../../../engine/definitions/definition-paths.ts';
import { layoutOf } from '../../../engine/definitions/environment-place.ts';
import { decideChanges, detect, type Detection, type DetectRequest } from '../../../engine/stages/detect.ts';
import { parseChangesFile } from '../../../schema/index.ts';
import { createClone, createScratch, idle, type Clone } from '../providers/git/scratch.ts';

let scratch: ReturnType<typeof createScratch>;
let owner: Clone;
const zeros = '0'.repeat(40);
const definition = (name: string, image = 'x:1'): string =>
  `service:\n  name: ${name}\ndeployment:\n  image: ${image}\n`;

beforeEach(() => {
  scratch = createScratch();
  owner = createClone(scratch.directory('owner'));
});
afterEach(() => scratch.remove());

async function run(
  request: Partial<DetectRequest> & { readonly head: string },
  directory = owner.path,
): Promise<Detection> {
  const checkout = await openCheckout(directory, { signal: idle(), env: process.env });
  const detection = await detect(
    checkout,
    { base: undefined, place: usualPlace('fleet'), full: null, ...request },
    idle(),
  );
  expect(parseChangesFile(JSON.stringify(detection.changes), 'changes.json')).toMatchObject({ ok: true });
  return detection;
}

/** `add metube services/downloads/metube.yml`, one line for each service. */
function lines({ changes }: Detection): readonly string[] {
  return [...changes.deploy, ...changes.remove].map(({ action, name, path, from }) =>
    [action, name, path, ...(from === undefined ? [] : [`from ${from}`])].join(' '),
  );
}

describe('what a commit did to a fleet', () => {
  test('the answer has the shape pipelines already read', async () => {
    const base = owner.commit({ 'README.md': 'x' });
    const head = owner.commit({ 'services/downloads/metube.yml': definition('metube') });
    expect((await run({ base, head })).changes).toEqual({
      deploy: [{ path: 'services/downloads/metube.yml', name: 'metube', action: 'add' }],
      remove: [],
      added: 1,
      modified: 0,
      deleted: 0,
      total: 1,
      mode: 'incremental',
      base,
      head,
    });
  });

  test('additions, changes and deletions are told apart; other files do not matter', async () => {
    const base = owner.commit({
      'services/media/a.yml': definition('a'),
      'services/media/b.yaml': definition('b'),
      'services/media/same.yml': definition('same'),
    });
    const head = owner.commit({
      'services/media/a.yml': definition('a', 'x:2'),
      'services/media/b.yaml': null,
      'services/c.yml': definition('c'),
      'services/media/deeper/e.yml': definition('e'),
      'services/notes.md': 'n',
      'docs/services/d.yml': definition('d'),
    });
    const detection = await run({ base, head });
    expect(lines(detection)).toEqual([
      'add c services/c.yml',
      'modify a services/media/a.yml',
      'delete b services/media/b.yaml',
    ]);
    expect(detection.changes).toMatchObject({ added: 1, modified: 1, deleted: 1, total: 3 });
    expect(detection.reason).toBeNull();
  });

  test('a file in the folder beside a definition belongs to its service', async () => {
    const base = owner.commit({
      'services/proxy.yml': definition('proxy'),
      'services/proxy/nginx.conf': '1',
      'services/media/a.yml': definition('a'),
      'services/media/a/deep/settings.ini': '1',
      'services/media/stray.txt': '1',
    });
    const conf = owner.commit({ 'services/proxy/nginx.conf': '2' });
    expect(lines(await run({ base, head: conf }))).toEqual(['modify proxy services/proxy.yml']);
    const gone = owner.commit({
      'services/media/a/deep/settings.ini': null,
      'services/media/stray.txt': '2',
    });
    expect(lines(await run({ base: conf, head: gone }))).toEqual(['modify a services/media/a.yml']);
  });

  test('definitions may live in another folder than services', async () => {
    const base = owner.commit({ x: '1' });
    const head = owner.commit({ 'stacks/a.yml': definition('a'), 'services/b.yml': definition('b') });
    const place = { layout: 'fleet', root: 'stacks' } as const;
    expect(lines(await run({ base, head, place }))).toEqual(['add a stacks/a.yml']);
  });

  test('a definition that moved keeps its service, even when Git sees no rename', async () => {
    const base = owner.commit({ 'services/media/a.yml': definition('a'), 'services/b.yml': definition('b') });
    const head = owner.commit({
      'services/media/a.yml': null,
      'services/tools/a.yml': definition('a'),
      'services/b.yml': null,
      'services/übersicht/b.yml': `# ${'rewritten '.repeat(50)}\n${definition('b', 'y:2')}`,
    });
    expect(lines(await run({ base, head }))).toEqual([
      'modify a services/tools/a.yml from services/media/a.yml',
      'modify b services/übersicht/b.yml from services/b.yml',
    ]);
  });

  test('a service that gets another name is one removed and one added', async () => {
    const base = owner.commit({ 'services/a.yml': definition('a') });
    const head = owner.commit({ 'services/a.yml': definition('z') });
    expect(lines(await run({ base, head }))).toEqual(['add z services/a.yml', 'delete a services/a.yml']);
  });

  test('a deleted duplicate does not remove the service another file still defines', async () => {
    const base = owner.commit({ 'services/a.yml': definition('a'), 'services/copy.yml': definition('a') });
    const head = owner.commit({ 'services/copy.yml': null });
    expect(lines(await run({ base, head }))).toEqual([]);
  });

  test('a definition that cannot be read is named after its file, for validation to complain about', async () => {
    const base = owner.commit({ x: '1' });
    const head = owner.commit({
      'services/broken.yml': 'service: [unclosed\n  name: {',
      'services/list.yml': '- a\n',
    });
    expect(lines(await run({ base, head }))).toEqual([
      'add broken services/broken.yml',
      'add list services/list.yml',
    ]);
  });

  test('a definition that breaks is still the service it was', async () => {
    const base = owner.commit({ 'services/graf.yml': definition('grafana') });
    const head = owner.commit({ 'services/graf.yml': 'service: [unclosed\n' });
    expect(lines(await run({ base, head }))).toEqual(['modify grafana services/graf.yml']);
  });

  test('a definition with Windows line ends is read like any other', async () => {
    const base = owner.commit({ x: '1' });
    const head = owner.commit({ 'services/a.yml': definition('grün').replaceAll('\n', '\r\n') });
    expect(lines(await run({ base, head }))).toEqual(['add grün services/a.yml']);
  });

  test('a commit that touches no service is a proven nothing', async () => {
    const base = owner.commit({ 'services/a.yml': definition('a') });
    const head = owner.commit({ 'README.md': 'x' });
    expect((await run({ base, head })).changes).toMatchObject({ total: 0, mode: 'incremental' });
  });
});

describe('when there is nothing to compare with', () => {
  test('the first commit adds everything', async () => {
    const head = owner.commit({ 'services/a.yml': definition('a'), 'sentinel.yml': 'hosts: {}\n' });
    const detection = await run({ base: zeros, head });
    expect(lines(detection)).toEqual(['add a services/a.yml']);
    expect(detection.changes).toMatchObject({ mode: 'incremental', base: null });
  });

  test('the first push of a branch looks at every service and says why', async () => {
    owner.commit({ 'services/a.yml': definition('a') });
    const head = owner.commit({ 'services/b.yml': definition('b') });
    const detection = await run({ base: zeros, head });
    expect(lines(detection)).toEqual(['modify a services/a.yml', 'modify b services/b.yml']);
    expect(detection.changes.mode).toBe('full');
    expect(detection.reason).toContain('no commit before');
  });

  test('a base that a force push took away falls back to every service', async () => {
    owner.commit({ 'services/a.yml': definition('a') });
    const lost = owner.commit({ 'services/b.yml': definition('b') });
    owner.git('reset', '--quiet', '--hard', 'HEAD~1');
    const head = owner.commit({ 'services/c.yml': definition('c') });
    const job = join(scratch.directory('job'), 'clone');
    execFileSync('git', ['clone', '--quiet', `file://${owner.path}`, job], { stdio: 'ignore' });
    const detection = await run({ base: lost, head }, job);
    expect(lines(detection)).toEqual(['modify a services/a.yml', 'modify c services/c.yml']);
    expect(detection.reason).toContain('does not exist any more');
    expect(detection.hint).toContain('remove them by name');
  });

  test('a force-pushed base that is still here gives the exact difference, removals included', async () => {
    owner.commit({ 'services/a.yml': definition('a') });
    const lost = owner.commit({ 'services/b.yml': definition('b') });
    owner.git('reset', '--quiet', '--hard', 'HEAD~1');
    const head = owner.commit({ 'services/c.yml': definition('c') });
    expect(lines(await run({ base: lost, head }))).toEqual([
      'add c services/c.yml',
      'delete b services/b.yml',
    ]);
  });

  test('a shallow clone without the base falls back and says how to fetch more', async () => {
    const base = owner.commit({ 'services/a.yml': definition('a') });
    const head = owner.commit({ 'services/b.yml': definition('b') });
    const job = join(scratch.directory('job'), 'clone');
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${owner.path}`, job], { stdio: 'ignore' });
    const detection = await run({ base, head }, job);
    expect(detection.changes.mode).toBe('full');
    expect(detection.reason).toContain('shallow clone');
    expect(detection.hint).toContain('GIT_DEPTH: 0');
    execFileSync('git', ['-C', job, 'fetch', '--quiet', '--unshallow'], { stdio: 'ignore' });
    expect(lines(await run({ base, head }, job))).toEqual(['add b services/b.yml']);
  });

  test('the cut edge of a shallow clone is not mistaken for the first commit', async () => {
    owner.commit({ 'services/a.yml': definition('a') });
    const head = owner.commit({ 'services/b.yml': definition('b') });
    const job = join(scratch.directory('job'), 'clone');
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${owner.path}`, job], { stdio: 'ignore' });
    expect((await run({ base: zeros, head }, job)).changes.mode).toBe('full');
  });
});

describe('looking at every service', () => {
  test('still knows what is new and what went away', async () => {
    const base = owner.commit({
      'services/a.yml': definition('a'),
      'services/b.yml': definition('b'),
      'services/c.yml': definition('c'),
    });
    const head = owner.commit({ 'services/b.yml': null, 'services/d.yml': definition('d') });
    const detection = await run({ base, head, full: 'it was asked for' });
    expect(lines(detection)).toEqual([
      'modify a services/a.yml',
      'modify c services/c.yml',
      'add d services/d.yml',
      'delete b services/b.yml',
    ]);
    expect(detection.changes).toMatchObject({ mode: 'full', added: 1, modified: 2, deleted: 1, total: 4 });
  });

  test('a change of the inventory concerns every service', async () => {
    const base = owner.commit({ 'services/a.yml': definition('a'), 'sentinel.yml': 'hosts: {}\n' });
    const head = owner.commit({ 'sentinel.yml': 'hosts: {x: {address: 127.0.0.11}}\n' });
    const detection = await run({ base, head });
    expect(lines(detection)).toEqual(['modify a services/a.yml']);
    expect(detection.reason).toContain('sentinel.yml changed');
  });
});

describe('a repository of one service', () => {
  const single = { 'service.yml': definition('grafana'), 'config/docker-compose.yml': 'services: {}\n' };

  test('its definition, its compose file and its examples all belong to the service', async () => {
    const base = owner.commit({ ...single, 'README.md': 'x' });
    for (const path of ['config/docker-compose.yml', 'config/.env.example', 'service.yml']) {
      const before = owner.git('rev-parse', 'HEAD');
      const head = owner.commit({ [path]: `${definition('grafana', path)}# changed\n` });
      expect(lines(await run({ base: before, head, place: usualPlace('single') }))).toEqual([
        'modify grafana service.yml',
      ]);
    }
    const readme = owner.commit({ 'README.md': 'y' });
    expect(
      lines(await run({ base: owner.git('rev-parse', 'HEAD~1'), head: readme, place: usualPlace('single') })),
    ).toEqual([]);
    expect(lines(await run({ base, head: readme, place: usualPlace('single') }))).toEqual([
      'modify grafana service.yml',
    ]);
  });

  test('appears and goes away as a whole', async () => {
    const empty = owner.commit({ 'README.md': 'x' });
    const base = owner.commit(single);
    expect(lines(await run({ base: empty, head: base, place: usualPlace('single') }))).toEqual([
      'add grafana service.yml',
    ]);
    const head = owner.commit({ 'service.yml': null, 'config/docker-compose.yml': null });
    expect(lines(await run({ base, head, place: usualPlace('single') }))).toEqual([
      'delete grafana service.yml',
    ]);
  });

  test('the layout can be told from the files', () => {
    expect(layoutOf(['service.yml', 'config/docker-compose.yml'])).toBe('single');
    expect(layoutOf(['sentinel.yml', 'services/media/a.yml'])).toBe('fleet');
    expect(layoutOf(['service.yml', 'services/a.yml'])).toBe('fleet');
    expect(layoutOf([])).toBe('fleet');
  });
});

test('a folder of a larger repository counts alone, and what moves across its edge is added or deleted', async () => {
  const base = owner.commit({
    'homelab/services/a.yml': definition('a'),
    'homelab/services/out.yml': definition('out'),
    'other/services/in.yml': definition('in'),
    'services/elsewhere.yml': definition('elsewhere'),
  });
  const head = owner.commit({
    'homelab/services/a.yml': definition('a', 'x:2'),
    'homelab/services/out.yml': null,
    'other/services/out.yml': definition('out'),
    'other/services/in.yml': null,
    'homelab/services/in.yml': definition('in'),
    'services/elsewhere.yml': definition('elsewhere', 'x:2'),
  });
  expect(lines(await run({ base, head }, join(owner.path, 'homelab')))).toEqual([
    'modify a services/a.yml',
    'add in services/in.yml',
    'delete out services/out.yml',
  ]);
});

test('the decision needs no repository', () => {
  const changes = decideChanges({
    before: [{ path: 'services/a.yml', name: 'a' }],
    after: [{ path: 'services/b.yml', name: 'b' }],
    everything: null,
    elsewhere: new Set(),
    base: 'b'.repeat(40),
    head: 'c'.repeat(40),
  });
  expect(changes).toMatchObject({ added: 1, modified: 0, deleted: 1, total: 2, mode: 'incremental' });
});
