import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
      watchtower: null,
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

test('a key may have a passphrase, which is one of Sentinel’s own secrets', () => {
  const { folder, read } = write(
    `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]
ssh: { keys: { laptop: { file: key, passphrase: LAPTOP_PASSPHRASE } } }\n`,
    { DISCORD_TOKEN: 'secret-token', LAPTOP_PASSPHRASE: 'open sesame' },
  );
  expect(read()).toMatchObject({
    ok: true,
    value: {
      keys: { laptop: { file: join(folder, 'key'), passphrase: 'open sesame' } },
      secrets: { own: { DISCORD_TOKEN: 'secret-token', LAPTOP_PASSPHRASE: 'open sesame' } },
    },
  });
});

test('a passphrase without a value is said with its place, and git cannot use such a key', () => {
  const { read } = write(
    `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services, ssh_key: laptop }]
ssh: { keys: { laptop: { file: key, passphrase: LAPTOP_PASSPHRASE } } }\n`,
    { DISCORD_TOKEN: 'secret-token' },
  );
  const config = read();
  expect(config.ok ? [] : config.problems.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'The secret LAPTOP_PASSPHRASE has no value.',
      'The key laptop has a passphrase, and git cannot be given one.',
    ]),
  );
});

test('secrets are sent where it is said, and nowhere unless it is', () => {
  const start = `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]\n`;
  const env = { DISCORD_TOKEN: 'x' };
  expect(write(start, env).read()).toMatchObject({ value: { secrets: { sendTo: {} } } });
  const text = `${start}secrets:
  send_to:
    x-note: whatever
    AUTHENTIK_TOKEN: https://auth.home.lan
    NTFY_TOKEN: [https://ntfy.sh, "http://10.0.0.9:8080"]
`;
  expect(write(text, env).read()).toMatchObject({
    ok: true,
    value: {
      secrets: {
        sendTo: {
          AUTHENTIK_TOKEN: ['https://auth.home.lan'],
          NTFY_TOKEN: ['https://ntfy.sh', 'http://10.0.0.9:8080'],
        },
      },
    },
  });
});

test.each([
  ['no address', 'A: "http://[x"\n    B: [https://b, "https://:1"]', ['6:8', '7:20']],
  ['another protocol', 'A: ftp://files.home.lan', ['6:8']],
  ['a name that is none', 'a-b: https://b', ['6:5']],
  ['an empty list', 'A: []', ['6:5']],
])('a secret bound to %s is refused with its place', (_, lines, places) => {
  const start = `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]\n`;
  const config = write(`${start}secrets:\n  send_to:\n    ${lines}\n`, { DISCORD_TOKEN: 'x' }).read();
  const found = config.ok ? [] : config.problems.map(({ where }) => where?.split(':').slice(-2).join(':'));
  expect(found).toEqual(places);
});

test('examples/bot.yml starts a bot once its files and secrets are there', () => {
  const example = readFileSync(join(import.meta.dirname, '../../examples/bot.yml'), 'utf8');
  const { folder } = write('');
  const stub = (path: string): string => join(folder, path);
  mkdirSync(stub('run/secrets/sentinel'), { recursive: true });
  mkdirSync(stub('etc/sentinel'), { recursive: true });
  for (const key of ['homelab_ed25519', 'laptop_ed25519']) writeFileSync(stub(`run/secrets/${key}`), 'a key');
  writeFileSync(stub('etc/sentinel/known_hosts'), '');
  writeFileSync(
    stub('etc/sentinel/sentinel.yml'),
    'hosts: { media: { address: 127.0.0.11, user: deployer } }\n',
  );
  writeFileSync(stub('bot.yml'), example.replaceAll(/(?<=: )\/(?=run|etc|state)/g, `${folder}/`));
  const config = loadConfig({
    file: stub('bot.yml'),
    env: {
      ...{ DISCORD_TOKEN: 'a', GITLAB_TOKEN: 'b', LAPTOP_KEY_PASSPHRASE: 'c', GITLAB_WEBHOOK_TOKEN: 'd' },
    },
  });
  expect(config.ok ? [] : config.problems).toEqual([]);
  expect(config).toMatchObject({
    value: {
      environments: ['production', 'staging'],
      keys: {
        homelab: { file: stub('run/secrets/homelab_ed25519'), passphrase: null },
        laptop: { passphrase: 'c' },
      },
      state: stub('state'),
      shutdownMs: 60_000,
    },
  });
});

test('the token Watchtower has to send is a secret of the bot, asked for by name', () => {
  const text = `${discord}\n${roles}\nrepositories: [{ name: homelab, path: services }]\nwatchtower: { token: WATCHTOWER_TOKEN }\n`;
  const config = write(text, { DISCORD_TOKEN: 'x', WATCHTOWER_TOKEN: 'wt' }).read();
  expect(config).toMatchObject({
    ok: true,
    value: { watchtower: { token: 'wt' }, secrets: { own: { WATCHTOWER_TOKEN: 'wt' } } },
  });
  const without = write(text, { DISCORD_TOKEN: 'x' }).read();
  expect(without).toMatchObject({
    ok: false,
    problems: [
      { message: 'The secret WATCHTOWER_TOKEN has no value.', where: expect.stringMatching(/:4:/) as string },
    ],
  });
});
