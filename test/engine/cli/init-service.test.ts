import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ask } from '../../../engine/cli/ask.ts';
import { ProblemError } from '../../../engine/problems.ts';
import { filesBelow } from '../definitions/support.ts';
import { createScratch } from '../providers/git/scratch.ts';
import { definition, inventory, sentinel } from './command-line.ts';

let scratch: ReturnType<typeof createScratch>;
let directory: string;
beforeEach(() => {
  scratch = createScratch();
  directory = scratch.directory('homelab');
  write({ 'sentinel.yml': inventory, 'services/downloads/metube.yml': definition('metube') });
});
afterEach(() => scratch.remove());

const read = (path: string): string => readFileSync(join(directory, path), 'utf8');
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}
const service = (...args: readonly string[]) => sentinel(['init', 'service', ...args], { directory });
const grafana = ['--name', 'grafana', '--host', 'docker-media', '--image', 'grafana/grafana:10.2.3'];
const open = [...grafana, '--port', '3030', '--category', 'monitoring'];

/** Answers by the beginning of the question; a question nobody expected, and one left with Ctrl-C, ends it. */
function person(answers: Readonly<Record<string, string | boolean>>): Ask & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = <T>(question: string): Promise<T> => {
    asked.push(question);
    const found = Object.entries(answers).find(([beginning]) => question.startsWith(beginning));
    if (found === undefined)
      return Promise.reject(
        new ProblemError({ code: 'cancelled', message: `Nobody answers “${question}”.` }),
      );
    return Promise.resolve(found[1] as T);
  };
  return {
    asked,
    confirm: answer,
    text: async ({ question, check }) => {
      const said = await answer<string>(question);
      const wrong = check?.(said) ?? null;
      if (wrong !== null) throw new Error(`${question}: ${wrong}`);
      return said;
    },
    choose: async (question, choices) => {
      const said = await answer<string>(question);
      expect(choices.map(({ value }) => value)).toContain(said);
      return said;
    },
  };
}

describe('with everything said on the command line', () => {
  test('a definition is written into the folder of its category, and is valid among the others', async () => {
    const more = [
      '--container-port',
      '3000',
      '--health',
      '/api/health',
      '--subdomain',
      'grafana',
      '--sso',
      '--dashboard',
    ];
    const { exitCode, out, err } = await service(
      ...open,
      ...more,
      '--description',
      'Dashboards: all of them',
    );
    expect([exitCode, err, out.split('\n')[0]]).toEqual([
      0,
      '',
      'written            services/monitoring/grafana.yml',
    ]);
    expect(read('services/monitoring/grafana.yml')).toBe(`service:
  name: grafana
  description: "Dashboards: all of them"
  category: monitoring
  version: 10.2.3

deployment:
  target_host: docker-media
  image: grafana/grafana:10.2.3
  port: 3030
  container_port: 3000
  healthcheck:
    endpoint: /api/health

traefik:
  subdomain: grafana

dns:
  hostname: grafana

authentik:
  enabled: true

glance:
  bookmark:
    enabled: true
  monitor:
    enabled: true
`);
    expect(await sentinel(['validate'], { directory })).toMatchObject({
      exitCode: 0,
      out: 'valid  2 services\n',
    });
  });

  test('editors are told the schema where the repository has one', async () => {
    await sentinel(['init', 'fleet'], { directory });
    await service(...open);
    expect(read('services/monitoring/grafana.yml').split('\n')[0]).toBe(
      '# yaml-language-server: $schema=../../schema/service-schema.json',
    );
    expect(existsSync(join(directory, 'schema/service-schema.json'))).toBe(true);
  });

  test('something nobody connects to has no port, no route and no dashboard', async () => {
    expect(
      (await service(...grafana, '--port', 'none', '--category', 'bots', '--subdomain', 'x')).exitCode,
    ).toBe(0);
    expect(read('services/bots/grafana.yml')).toContain('  port: null\n');
    expect(read('services/bots/grafana.yml')).not.toContain('traefik');
  });

  test('a single repository gets service.yml and a compose file', async () => {
    directory = scratch.directory('grafana-homelab');
    write({ 'sentinel.yml': inventory });
    expect((await service('--layout', 'single', ...open, '--container-port', '3000')).exitCode).toBe(0);
    expect(Object.keys(filesBelow(directory))).toEqual([
      'config/docker-compose.yml',
      'sentinel.yml',
      'service.yml',
    ]);
    expect(read('service.yml')).not.toContain('image:');
    expect(await sentinel(['validate'], { directory })).toMatchObject({ exitCode: 0 });
  });
});

describe('nothing is written', () => {
  test.each([
    [
      'over a definition that is there',
      ['--name', 'metube', '--category', 'downloads'],
      /services\/downloads\/metube\.yml is there already/,
    ],
    ['for a name another definition has', ['--name', 'metube'], /duplicate|same name|metube/],
    ['for a host sentinel.yml does not name', ['--host', 'elsewhere'], /elsewhere/],
    ['for a port another service has', ['--port', '8082'], /8082/],
    ['for a name that is none', ['--name', '../../etc/passwd'], /name/],
    ['for a category that is none', ['--category', '../..'], /category/],
  ])('%s', async (_, args, said) => {
    const before = filesBelow(directory);
    const { exitCode, err } = await service(...open, ...args);
    expect([exitCode, err]).toEqual([1, expect.stringMatching(said)]);
    expect(err).toContain('Nothing was written.');
    expect(filesBelow(directory)).toEqual(before);
  });

  test.each([
    ['--image', ['--name', 'x', '--host', 'docker-media', '--port', '80']],
    ['--port', grafana],
    ['--host', ['--name', 'x', '--image', 'x:1', '--port', '80']],
  ])('without %s where nobody can be asked', async (option, args) => {
    const { exitCode, err } = await service(...args);
    expect([exitCode, err]).toEqual([2, expect.stringContaining(option)]);
  });

  test('when the person leaves a question with Ctrl-C', async () => {
    const before = filesBelow(directory);
    const answer = await sentinel(['init', 'service'], { directory, ask: person({ 'Name of': 'grafana' }) });
    expect([answer.exitCode, answer.err]).toEqual([3, expect.stringContaining('cancelled')]);
    expect(filesBelow(directory)).toEqual(before);
  });
});

test('a person is asked for what was not said, with the hosts and systems of sentinel.yml to choose from', async () => {
  const ask = person({
    'Name of': 'grafana',
    'Host it': 'docker-media',
    'What kind': 'monitoring',
    'Port on': '3030',
    'What it is for': '',
    'Port in': '3000',
    'Path of': '/api/health',
    'Subdomain of home.lan': 'grafana',
    'Must people log in': true,
    'Show it on': false,
  });
  const { exitCode } = await sentinel(['init', 'service', '--image', 'grafana/grafana:10.2.3'], {
    directory,
    ask,
  });
  expect([exitCode, ask.asked.length]).toEqual([0, 10]);
  const text = read('services/monitoring/grafana.yml');
  expect(text).toContain('authentik:\n  enabled: true\n');
  expect(text).not.toContain('glance:');
});
