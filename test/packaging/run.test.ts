import { execa } from 'execa';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import botSchema from '../../schema/bot-schema.json' with { type: 'json' };

const read = (file: string): string => readFileSync(file, 'utf8');
const dockerfile = read('Dockerfile');
const guide = read('docs/install.md');
const text = read('examples/run/compose.yml');
const { services } = parse(text) as {
  services: {
    bot: {
      image: string;
      user: string;
      read_only: boolean;
      tmpfs: string[];
      cap_drop: string[];
      security_opt: string[];
      volumes: string[];
      stop_grace_period: string;
    };
  };
};
const { bot } = services;
const unit = read('examples/run/sentinel.service');
const settings = new Map(
  unit
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
);

describe('examples/run/compose.yml', () => {
  const contract = '../shared/contracts/compose-spec.schema.json';
  const known = [contract, join(dirname(process.cwd()), 'shared/contracts/compose-spec.schema.json')].find(
    existsSync,
  );
  test.skipIf(known === undefined)(
    `is a Compose file${known === undefined ? ' (skipped: its schema is not beside the checkout)' : ''}`,
    () => {
      const ajv = new Ajv({ strict: false, allErrors: true });
      addFormats.default(ajv);
      const schema = JSON.parse(read(known ?? '')) as { $schema?: string };
      const check = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });
      expect(check(parse(text)), ajv.errorsText(check.errors)).toBe(true);
    },
  );

  test('runs the image as the user it is made for, who can do nothing and write nowhere else', () => {
    expect(bot.user).toBe(/^USER (\S+)$/m.exec(dockerfile)?.[1]);
    expect(bot).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(bot.tmpfs.map((place) => place.split(':')[0])).toEqual(['/tmp']);
    const writable = bot.volumes.filter((volume) => !volume.endsWith(':ro'));
    expect(writable.map((volume) => volume.split(':')[1])).toEqual([/^VOLUME (\S+)$/m.exec(dockerfile)?.[1]]);
  });

  test('mounts the configuration where the image looks for it', () => {
    const config = /SENTINEL_CONFIG=(\S+)/.exec(dockerfile)?.[1] ?? '';
    expect(bot.volumes).toContain(`./config:${dirname(config)}:ro`);
  });

  test('gives a running deployment more time than bot.yml does by default', () => {
    const grace = Number(/^(\d+)s$/.exec(bot.stop_grace_period)?.[1]);
    const allowed = /^(\d+)s$/.exec(botSchema.properties.limits.properties.shutdown.default)?.[1];
    expect(grace).toBeGreaterThan(Number(allowed));
    expect(Number(settings.get('TimeoutStopSec'))).toBe(grace);
  });
});

describe('examples/run/sentinel.service', () => {
  test('starts what the image starts, with the same limits on it', () => {
    const [, program = ''] = /^CMD \["node", "([^"]+)"\]$/m.exec(dockerfile) ?? [];
    expect(settings.get('ExecStart')).toMatch(new RegExp(`^/usr/bin/node .*${program}$`));
    for (const name of ['NoNewPrivileges', 'PrivateTmp', 'PrivateDevices', 'ProtectHome'])
      expect(settings.get(name), name).toBe('yes');
    expect(settings.get('ProtectSystem')).toBe('strict');
    expect(settings.get('CapabilityBoundingSet')).toBe('');
    expect(settings.get('User')).not.toBe('root');
  });

  test('has no secret in its environment', () => {
    const environment = unit.split('\n').filter((line) => line.startsWith('Environment'));
    expect(environment.join()).not.toMatch(/TOKEN|KEY|PASSWORD|SECRET/);
    expect(unit).toContain('LoadCredential=DISCORD_TOKEN:');
  });

  test('is a unit systemd understands', async ({ skip }) => {
    const version = await execa('systemd-analyze', ['--version'], { reject: false });
    if (version.failed) skip('systemd-analyze is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'sentinel.service');
    copyFileSync('examples/run/sentinel.service', file);
    // Node may be elsewhere on this machine; on a Debian bots host it is where the unit says.
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const verdict = await execa('systemd-analyze', ['verify', file], { reject: false, all: true });
    expect(verdict.all).toBe('');
    expect(verdict.exitCode).toBe(0);
  });
});

describe('docs/install.md', () => {
  const blocks = [...guide.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].map(([, block = '']) => block).join('\n');

  test('names the files, folders and accounts the examples use', () => {
    for (const volume of bot.volumes) {
      const folder = volume.split(':')[0]?.slice(2) ?? '';
      expect(guide, folder).toMatch(new RegExp(`/srv/sentinel/(\\{[^}]*\\b)?${folder}\\b`));
    }
    expect(guide).toContain(
      `\`state: ${bot.volumes.find((volume) => !volume.endsWith(':ro'))?.split(':')[1]}\``,
    );
    expect(guide).toContain(`\`state: /var/lib/${settings.get('StateDirectory')}\``);
    expect(guide).toContain(`--shell /usr/sbin/nologin ${settings.get('User')}`);
    expect(blocks).toContain(`sudo git clone ADDRESS-OF-THIS-PROJECT ${settings.get('WorkingDirectory')} `);
  });

  test('names secrets as bot.yml does by default', () => {
    const token: string = botSchema.properties.discord.properties.token.default;
    expect(blocks).toContain(`secret ${token}`);
    expect(unit).toContain(`LoadCredential=${token}:`);
  });

  test('points at files and headings that are there', () => {
    for (const [, path = ''] of guide.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [file = '', heading] = path.split('#');
      const target = file === '' ? 'docs/install.md' : join('docs', file);
      expect(existsSync(target), path).toBe(true);
      if (heading === undefined) continue;
      const headings = read(target)
        .split('\n')
        .filter((line) => line.startsWith('#'))
        .map((line) =>
          line
            .replace(/^#+ /, '')
            .toLowerCase()
            .replaceAll(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        );
      expect(headings, path).toContain(heading);
    }
  });
});
