import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Problem, ProblemError, toProblem } from '../../../engine/problems.ts';
import { createSecrets } from '../../../engine/providers/secrets.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string, value: string) => writeFileSync(join(directory, name), value);
function problemOf(work: () => unknown): Problem {
  try {
    work();
  } catch (error) {
    return toProblem(error);
  }
  throw new Error('it did not fail');
}

describe('secrets', () => {
  it('come from variables with the prefix', () => {
    const secrets = createSecrets({ env: { S_DB: 'hunter22', DB: 'other' }, directory: null, prefix: 'S_' });
    expect(secrets.has('DB')).toBe(true);
    expect(secrets.resolve('DB')).toBe('hunter22');
    expect(secrets.has('S_DB')).toBe(false);
  });

  it('come from a file first, without its final line break', () => {
    file('DB', 'from the file\n');
    file('CRLF', 'windows\r\n');
    file('BLANK', 'two\n\n');
    const secrets = createSecrets({ env: { DB: 'from the variable' }, directory });
    expect(secrets.resolve('DB')).toBe('from the file');
    expect(secrets.resolve('CRLF')).toBe('windows');
    expect(secrets.resolve('BLANK')).toBe('two\n');
  });

  it('are read anew, so that a rotated one counts, and the old value stays hidden', () => {
    file('DB', 'old value');
    const secrets = createSecrets({ env: {}, directory });
    expect(secrets.resolve('DB')).toBe('old value');
    file('DB', 'new value');
    expect(secrets.resolve('DB')).toBe('new value');
    expect(secrets.redact('old value, new value')).toBe('[secret DB], [secret DB]');
  });

  it('that are missing or empty are a problem which says where to put them', () => {
    mkdirSync(join(directory, 'FOLDER'));
    const secrets = createSecrets({ env: { S_EMPTY: '' }, directory, prefix: 'S_' });
    for (const name of ['NONE', 'EMPTY', 'FOLDER']) {
      expect(secrets.has(name)).toBe(false);
      expect(problemOf(() => secrets.resolve(name)).code).toBe('secret-missing');
    }
    expect(problemOf(() => secrets.resolve('NONE')).hint).toContain('S_NONE');
  });

  it('never come from outside the folder', () => {
    writeFileSync(join(directory, 'outside'), 'top secret');
    mkdirSync(join(directory, 'inside'));
    const secrets = createSecrets({ env: {}, directory: join(directory, 'inside') });
    for (const name of ['../outside', '/etc/passwd', '..', '.', 'a/../../outside', ''])
      expect(secrets.has(name)).toBe(false);
  });

  it('that are kept from definitions are still kept out of texts', () => {
    const secrets = createSecrets({ env: { TOKEN: 'bot-token-1' }, directory: null, withheld: ['TOKEN'] });
    expect(secrets.has('TOKEN')).toBe(false);
    expect(() => secrets.resolve('TOKEN')).toThrow(ProblemError);
    expect(secrets.redact('it is bot-token-1')).toBe('it is [secret TOKEN]');
  });

  it('cannot come from a folder that does not exist', () => {
    const problem = problemOf(() => createSecrets({ env: {}, directory: join(directory, 'none') }));
    expect(problem.code).toBe('configuration-invalid');
  });
});

describe('where a secret may be sent', () => {
  const env = { TOKEN: 'bot-token-1', HOOK: 'https://hooks.home.lan/canary', WORD: 'canary-word' };
  const bound = createSecrets({
    ...{ env, directory: null },
    sendTo: {
      TOKEN: ['https://auth.home.lan/some/path', 'http://10.0.0.5:9000'],
      HOOK: ['https://hooks.home.lan'],
      WORD: ['https://hooks.home.lan'],
    },
  });

  it.each(['https://auth.home.lan', 'http://10.0.0.5:9000'])('is where it is bound to: %s', (origin) => {
    expect(bound.resolveFor('TOKEN', origin)).toBe('bot-token-1');
  });

  it.each([
    ['TOKEN', 'http://auth.home.lan'],
    ['TOKEN', 'https://auth.home.lan:8443'],
    ['TOKEN', 'https://auth.home.lan.example.net'],
    ['TOKEN', 'http://10.0.0.5:9001'],
    ['HOOK', 'https://auth.home.lan'],
    ['NOBODY', 'https://auth.home.lan'],
    ['constructor', 'https://auth.home.lan'],
  ])('is nowhere else: %s to %s', (name, origin) => {
    expect(problemOf(() => bound.resolveFor(name, origin))).toMatchObject({
      code: 'system-refused',
      message: `${name} may not be sent to ${origin}: bot.yml does not allow it.`,
      hint: expect.stringContaining('secrets.send_to in bot.yml') as string,
    });
  });

  it('is nowhere at all when nothing is bound, and anywhere when nobody asks', () => {
    const none = createSecrets({ env, directory: null, sendTo: {} });
    expect(problemOf(() => none.resolveFor('TOKEN', 'https://auth.home.lan')).code).toBe('system-refused');
    expect(problemOf(() => none.resolveAddress('HOOK')).code).toBe('system-refused');
    expect(none.resolve('TOKEN')).toBe('bot-token-1');
    const free = createSecrets({ env, directory: null });
    expect(free.resolveFor('TOKEN', 'https://anywhere.example.net')).toBe('bot-token-1');
    expect(free.resolveAddress('HOOK')).toBe(env.HOOK);
  });

  it('is where a secret that is an address leads, without a word about it in a refusal', () => {
    expect(bound.resolveAddress('HOOK')).toBe(env.HOOK);
    expect(bound.resolveAddress('WORD')).toBe(env.WORD); // no address: nothing can be asked there
    const moved = createSecrets({ env, directory: null, sendTo: { HOOK: ['https://other.home.lan'] } });
    for (const name of ['HOOK', 'TOKEN']) {
      const problem = problemOf(() => moved.resolveAddress(name));
      expect(problem.message).toBe(`${name} may not be used as an address: bot.yml does not allow it.`);
      expect(JSON.stringify(problem)).not.toMatch(/canary|home\.lan/);
    }
  });

  it('is nowhere for one of Sentinel’s own, whatever is bound', () => {
    const sendTo = { TOKEN: ['https://auth.home.lan'] };
    const own = createSecrets({ env, directory: null, withheld: ['TOKEN'], sendTo });
    expect(problemOf(() => own.resolveFor('TOKEN', 'https://auth.home.lan')).code).toBe('secret-missing');
  });
});

describe('redacting', () => {
  const value = 'p@ss "w\\rd"/$x+ \'q\' ü\nsecond line of the key';
  const secrets = createSecrets({
    env: { S_KEY: value, S_LONG: 'abcdefgh', S_SHORT: 'abcd', S_TINY: 'abc' },
    directory: null,
    prefix: 'S_',
  });
  const spellings: readonly (readonly [string, string])[] = [
    ['as it is', value],
    ['in JSON', JSON.stringify({ value })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ value }))],
    ['in a URL', `https://x/?a=${encodeURIComponent(value)}`],
    ['in a form', encodeURIComponent(value).replaceAll('%20', '+')],
    ['in Base64', Buffer.from(value).toString('base64')],
    ['in Base64 for URLs', Buffer.from(value).toString('base64url')],
    ['in Base64 after one more byte', Buffer.from(`:${value}`).toString('base64')],
    ['in Base64 after a user name', Buffer.from(`user:${value}`).toString('base64')],
    ['in Base64 in the middle', Buffer.from(`ab${value}yz`).toString('base64')],
    ['quoted for a shell', `'${value.replaceAll("'", "'\\''")}'`],
    ['quoted in an .env file', `"${value.replace(/[\\"$]/g, '\\$&')}"`],
    ['with doubled dollars', value.replaceAll('$', '$$$$')],
    ['one line of it', 'error near: second line of the key'],
  ];

  it.each(spellings)('hides a value %s', (_, text) => {
    const shown = secrets.redact(`before ${text} after`);
    expect(shown).toContain('[secret KEY]');
    expect(shown.startsWith('before ')).toBe(true);
    expect(shown.endsWith(' after')).toBe(true);
    for (const piece of ['w\\\\rd', 'second line', value.slice(0, 8)]) expect(shown).not.toContain(piece);
  });

  it('takes the longest value first', () => {
    expect(secrets.redact('abcdefgh abcd')).toBe('[secret LONG] [secret SHORT]');
  });

  it('leaves values under four characters alone and warns of them by name', () => {
    expect(secrets.redact('abc')).toBe('abc');
    expect(secrets.warnings).toEqual([expect.stringContaining('TINY')]);
    expect(secrets.warnings.join()).not.toContain('abc');
  });

  it('hides what was asked for by name without a prefix, and nothing else of the environment', () => {
    const plain = createSecrets({ env: { HOME: '/root', PW: 'correct horse' }, directory: null });
    plain.resolve('PW');
    expect(plain.redact('/root correct horse')).toBe('/root [secret PW]');
  });

  it('returns other text unchanged', () => {
    expect(createSecrets({ env: {}, directory: null }).redact('nothing (.*) here')).toBe('nothing (.*) here');
  });
});
