import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  nearest,
  parseBotFile,
  parseChangesFile,
  parsePlanFile,
  parseSentinelFile,
  parseServiceFile,
  parseVerificationFile,
  schemas,
  seconds,
} from '../../schema/index.ts';

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every schema of a named property, with the way to it. */
function properties(schema: unknown, path: string): readonly (readonly [string, Json])[] {
  if (Array.isArray(schema))
    return schema.flatMap((one: unknown, index) => properties(one, `${path}/${index}`));
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    const named = key === 'properties' || key === 'patternProperties';
    const here =
      named && isObject(value)
        ? Object.entries(value).flatMap(([name, one]) =>
            isObject(one) ? [[`${path}/${name}`, one] as const] : [],
          )
        : [];
    return [...here, ...properties(value, `${path}/${key}`)];
  });
}
/** Every schema of a map, which must say what is allowed in it. */
function maps(schema: unknown, path: string): readonly (readonly [string, Json])[] {
  if (Array.isArray(schema)) return schema.flatMap((one: unknown, index) => maps(one, `${path}/${index}`));
  if (!isObject(schema)) return [];
  const own =
    'properties' in schema && [schema['type']].flat().includes('object') ? [[path, schema] as const] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, value]) => maps(value, `${path}/${key}`))];
}

describe.each(Object.entries(schemas))('the schema of %s', (name, schema) => {
  test('is JSON Schema 2020-12 with an id and a title', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toMatch(new RegExp(`/${name}-schema\\.json$`));
    expect(schema.title).not.toBe('');
  });
  test('describes every property', () => {
    const found = properties(schema, name);
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter(([, one]) => typeof one['description'] !== 'string').map(([path]) => path)).toEqual(
      [],
    );
  });
  test('refuses unknown keys and ignores x- keys in every map', () => {
    const open = maps(schema, name).filter(
      ([, one]) =>
        one['additionalProperties'] !== false ||
        !isObject(one['patternProperties']) ||
        !('^x-' in one['patternProperties']),
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });
  test('has no alternatives, which would drown the person who made one mistake', () => {
    expect(JSON.stringify(schema)).not.toMatch(/"(anyOf|oneOf|not|if)":/);
  });
  test('is there as a file', () => {
    expect(readdirSync('schema')).toContain(`${name}-schema.json`);
  });
});

const messages = (
  parsed: ReturnType<typeof parseServiceFile | typeof parseBotFile | typeof parsePlanFile>,
) => (parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`));

describe('a service file', () => {
  test.each(readdirSync('test/fixtures/service/valid'))('%s of the fixtures is accepted', (name) => {
    const text = readFileSync(`test/fixtures/service/valid/${name}`, 'utf8');
    expect(messages(parseServiceFile(text, name, { layout: 'fleet' }))).toEqual([]);
  });
  test('that is empty is said to be empty, at its first place', () => {
    for (const text of ['', '\n\n', '\uFEFF', '---\n', 'null\n'])
      expect(messages(parseServiceFile(text, 'a.yml'))).toEqual(['1:1 the file is empty']);
  });
  test('with broken syntax gets one message, not its echoes', () => {
    expect(
      messages(parseServiceFile('service: { name: "a\ndeployment:\n  port: [1, 2\nx: }\n', 'a.yml')),
    ).toHaveLength(1);
  });
  test('counts columns without the byte order mark, and lines with either ending', () => {
    const text = '\uFEFFservices: 1\r\nservice:\r\n  name: A\r\n';
    expect(messages(parseServiceFile(text, 'a.yml'))).toEqual([
      '1:1 deployment is required',
      '1:1 services is not a known key',
      "3:9 service.name: A does not match pattern '^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$'",
    ]);
  });
  test('with a value from a merged map names the place it was written', () => {
    const text = 'x-a: &a\n  port: "80"\nservice: { name: a }\ndeployment:\n  <<: *a\n  target_host: h\n';
    expect(messages(parseServiceFile(text, 'a.yml'))).toEqual([
      "2:9 deployment.port: 80 is not of type 'integer'",
    ]);
  });
  test('shows long values shortened and possible secrets not at all', () => {
    const long = 'y'.repeat(200);
    const text = `service: { name: a, category: ${long} }\ndeployment: { target_host: h, port: 1, secrets: [{ name: "hunter2!" }] }\n`;
    const [category = '', secret = ''] = messages(parseServiceFile(text, 'a.yml'));
    expect(category).not.toContain(long);
    expect(category).toContain('yyy…');
    expect(secret).not.toContain('hunter2');
  });
  test('finds the place of every value it has', () => {
    const parsed = parseServiceFile(
      'service:\n  name: a\ndeployment:\n  target_host: h\n  port: 1\n  depends_on: [x, yy]\n',
      'a.yml',
    );
    expect(parsed.ok && parsed.locate(['deployment', 'depends_on', 1])).toEqual({
      file: 'a.yml',
      line: 6,
      column: 19,
    });
    expect(parsed.ok && parsed.locate(['deployment', 'image'])).toMatchObject({ line: 3, column: 1 });
  });
});

describe('bot.yml', () => {
  const bot = (more: string) =>
    `discord: { guild: "112233445566778899", channel: "112233445566778899" }\nroles: [{ role: "112233445566778899", capabilities: [view] }]\n${more}`;
  test('never holds the token itself, and does not repeat it when somebody tries', () => {
    const token = 'MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs';
    const text = bot('repositories: [{ name: a, url: x }]\n').replace('{ guild', `{ token: ${token}, guild`);
    const [message = ''] = messages(parseBotFile(text, 'bot.yml'));
    expect(message).toContain('discord.token: the value does not match pattern');
    expect(message).not.toContain(token);
  });
  test('wants ids in quotes and shows them as written', () => {
    const text = bot('repositories: [{ name: a, url: x }]\n').replace(
      '"112233445566778899"',
      '112233445566778899',
    );
    expect(messages(parseBotFile(text, 'bot.yml'))).toEqual([
      "1:19 discord.guild: 112233445566778899 is not of type 'string'",
    ]);
  });
  test('needs one address for each repository', () => {
    expect(
      messages(
        parseBotFile(bot('repositories:\n  - name: a\n  - { name: b, url: x, path: y }\n'), 'bot.yml'),
      ),
    ).toEqual([
      '4:5 repositories[0]: url is required',
      '5:24 repositories[1]: url and path exclude each other',
    ]);
  });
  test('reads durations', () => {
    expect([seconds('1h30m'), seconds('45s'), seconds('2d'), seconds(90)]).toEqual([5400, 45, 172_800, 90]);
  });
  test('takes no word for a capability that does not exist', () => {
    const text = bot('repositories: [{ name: a, url: x }]\n').replace('[view]', '[aprove]');
    expect(parseBotFile(text, 'bot.yml')).toMatchObject({
      ok: false,
      problems: [{ hint: "did you mean 'approve'?" }],
    });
  });
});

describe('the other files', () => {
  test('show nothing of what stands where the name of a secret belongs, and say what to do', () => {
    const written = [
      'traefik: { host: h, directory: /etc/t }',
      'dns: { provider: opnsense, url: "http://o", key: w5/HuNtEr2+x, secret: Hunter2-Secret }',
      'authentik: { url: "http://a", token: Hunter2-Token }',
      'discord: https://discord.com/api/webhooks/1/hunter2',
      'ntfy: { url: "http://n", topic: t, token: 1230942 }',
      'webhook: { url: "https://example.net/?key=hunter2" }',
    ];
    const text = `hosts: {}\nsystems:\n${written.map((line) => `  ${line}\n`).join('')}`;
    const parsed = parseSentinelFile(text, 'sentinel.yml');
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems).toHaveLength(6);
    expect(JSON.stringify(problems)).not.toMatch(/hunter2|1230942/i);
    const why = 'this looks like a value: put it in the secret store and write its name here';
    expect(problems.filter(({ hint }) => hint === why)).toHaveLength(5);
  });
  test('say nothing new where the name of a secret is left empty', () => {
    const text = 'hosts: {}\nsystems:\n  discord: { webhook: }\n';
    expect(parseSentinelFile(text, 'sentinel.yml')).toMatchObject({
      problems: [{ hint: 'nothing stands after the colon; write a value or remove the key' }],
    });
  });
  test('sentinel.yml wants hosts', () => {
    expect(parseSentinelFile('domain: a.net\n', 'sentinel.yml')).toMatchObject({
      ok: false,
      problems: [{ message: 'hosts is required' }],
    });
  });
  test('changes.json has the shape pipelines know', () => {
    const changes = {
      deploy: [{ path: 'services/downloads/metube.yml', name: 'metube', action: 'add' }],
      remove: [],
      added: 1,
      modified: 0,
      deleted: 0,
      total: 1,
      mode: 'incremental',
    };
    expect(parseChangesFile(JSON.stringify(changes), 'changes.json')).toMatchObject({
      ok: true,
      value: changes,
    });
    expect(parseChangesFile(JSON.stringify({ ...changes, mode: 'all' }), 'changes.json')).toMatchObject({
      ok: false,
    });
  });
  test('plan.json wants a digest of the right length', () => {
    const plan = {
      repository: 'homelab',
      environment: 'production',
      revision: 'c0ffee',
      services: [],
      steps: [],
      risks: [],
      downtime: 0,
      diff: '',
      digest: 'ab'.repeat(32),
    };
    expect(messages(parsePlanFile(JSON.stringify(plan), 'plan.json'))).toEqual([]);
    expect(messages(parsePlanFile(JSON.stringify({ ...plan, digest: 'ab' }), 'plan.json'))).toHaveLength(1);
  });
  test('verification.json tells check by check', () => {
    const verification = {
      services: [
        {
          name: 'a',
          host: 'h1',
          status: 'degraded',
          checks: [
            { check: 'port_listening', status: 'passed', detail: '8080 answers' },
            { check: 'dns_resolution', status: 'failed', detail: 'nobody knows the name' },
          ],
        },
      ],
      passed: 0,
      degraded: 1,
      failed: 0,
      total: 1,
    };
    expect(parseVerificationFile(JSON.stringify(verification), 'v.json')).toMatchObject({ ok: true });
  });
});

describe('the nearest word', () => {
  test.each([
    ['subdomian', 'subdomain'],
    ['Image', 'image'],
    ['enviroment', 'environment'],
    ['x', undefined],
    ['completely-else', undefined],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, ['image', 'subdomain', 'environment', 'port'])).toBe(meant);
  });
});
