import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../bot/config.ts';
import type { Variables } from '../../bot/config-reading.ts';
import { parseInventory } from '../../engine/definitions/index.ts';

const loadConfig = (from: { readonly file: string; readonly env: Variables }) =>
  readConfig({ ...from, parseInventory });

function write(text: string, env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'services'));
  writeFileSync(join(folder, 'key'), 'a key');
  const file = join(folder, 'bot.yml');
  writeFileSync(file, text);
  return { folder, read: () => loadConfig({ file, env }) };
}

const discord = `discord: { guild: "123456789012345678", channel: "123456789012345679" }`;
const roles = `roles: [{ role: "123456789012345670", capabilities: [view, deploy] }]`;

test('a small file is enough; the rest has careful defaults', () => {
  const { folder, read } = write(
    `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]\n`,
    { DISCORD_TOKEN: 'secret-token' },
  );
  const config = read();
  expect(config).toMatchObject({
    ok: true,
    value: {
      discord: { guild: '123456789012345678', token: 'secret-token' },
      environments: ['production'],
      approvals: {
        fallback: { required: 1, selfApproval: false, expiresSeconds: 3600, roles: [] },
        rules: [],
      },
      state: join(folder, 'state'),
      health: { host: '127.0.0.1', port: 8080 },
      shutdownMs: 60_000,
    },
  });
});

test('everything wrong is said at once, each with its place', () => {
  const { read } = write(
    `${discord}
${roles}
repositories:
  - { name: homelab, path: nowhere, ssh_key: missing }
  - { name: homelab, url: "https://git.home.lan/x.git", credential: { secret: GIT_TOKEN } }
ssh: { keys: { default: no-such-key }, known_hosts: no-such-file }
secrets: { directory: no-such-folder }
`,
  );
  const config = read();
  const said = config.ok
    ? []
    : config.problems.map(({ where, message }) => `${where?.split(':').slice(-2).join(':')} ${message}`);
  expect(said.map((line) => line.replaceAll(/\/\S+\//g, ''))).toEqual(
    expect.arrayContaining([
      expect.stringContaining('The secret DISCORD_TOKEN has no value.'),
      expect.stringContaining('The secret GIT_TOKEN has no value.'),
      expect.stringContaining('nowhere is not a folder.'),
      expect.stringContaining('No key is called missing.'),
      expect.stringContaining('Two repositories are called homelab.'),
      expect.stringContaining('no-such-key cannot be read.'),
      expect.stringContaining('no-such-file cannot be read.'),
      expect.stringContaining('no-such-folder is not a folder.'),
    ]),
  );
  expect(said.every((line) => /^\d+:\d+ /.test(line))).toBe(true);
});

test('the token may come from a file a variable names', () => {
  const { folder, read } = write(
    `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]\n`,
    {},
  );
  writeFileSync(join(folder, 'token'), 'from-a-file\n');
  const config = loadConfig({
    file: join(folder, 'bot.yml'),
    env: { DISCORD_TOKEN_FILE: join(folder, 'token') },
  });
  expect(config.ok && config.value.discord.token).toBe('from-a-file');
  expect(read().ok).toBe(false);
});

test('a spelling mistake is refused with its line', () => {
  const { read } = write(`${discord}\n${roles}\nrepositores: []\n`, { DISCORD_TOKEN: 'x' });
  const config = read();
  expect(config.ok ? [] : config.problems.map(({ where }) => where?.split(':').at(-2))).toContain('3');
});

test('no file at all says how to name one', () => {
  const config = loadConfig({ file: '/nowhere/bot.yml', env: {} });
  expect(config.ok ? '' : config.problems[0]?.hint).toContain('SENTINEL_CONFIG');
});
