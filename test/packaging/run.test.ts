import { execa } from 'execa';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../bot/config.ts';
import { parseInventory } from '../../engine/definitions/index.ts';
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

describe('examples/run/bot.yml', () => {
  const example = read('examples/run/bot.yml');
  /** The places of the machine in a folder of its own, with everything in them the guide has put there by then. */
  const readIn = (bot: string, secrets: string) => {
    const folder = mkdtempSync(join(tmpdir(), 'sentinel-run-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const root = (place: string): string => join(folder, place);
    mkdirSync(root(`${secrets}/sentinel`), { recursive: true });
    mkdirSync(root('/etc/sentinel'), { recursive: true });
    writeFileSync(root(`${secrets}/sentinel/DISCORD_TOKEN`), 'a-token');
    writeFileSync(root(`${secrets}/homelab_ed25519`), 'a key');
    writeFileSync(root('/etc/sentinel/known_hosts'), '');
    const file = root('/etc/sentinel/bot.yml');
    writeFileSync(file, bot.replaceAll(/(?<=: )(?=\/)/g, folder));
    return { folder, config: readConfig({ file, env: {}, parseInventory }) };
  };

  test('is enough for the first start in the container', () => {
    const { folder, config } = readIn(example, '/run/secrets');
    expect(config).toMatchObject({ ok: true, value: { state: join(folder, 'state') } });
    expect(example.split('\n').length).toBeLessThan(50);
  });

  test('is enough for the unit once the guide has put its own places into it', () => {
    const changes = [...guide.matchAll(/-e 's#([^#]+)#([^#]+)#'/g)];
    expect(changes).toHaveLength(2);
    const changed = changes.reduce(
      (bot, [, from = '', to = '']) => bot.replaceAll(new RegExp(from, 'gm'), to),
      example,
    );
    const { folder, config } = readIn(changed, '/etc/sentinel/secrets');
    const state = join(folder, `/var/lib/${settings.get('StateDirectory')}`);
    expect(config).toMatchObject({ ok: true, value: { state } });
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
    expect(blocks).toContain(`state: /var/lib/${settings.get('StateDirectory')}#`);
    expect(guide).toContain(`--shell /usr/sbin/nologin ${settings.get('User')}`);
    expect(blocks).toContain(`sudo git clone ADDRESS-OF-THIS-PROJECT ${settings.get('WorkingDirectory')} `);
  });

  test('builds an image to go back to, and says with compose.yml how', () => {
    const builds = [...guide.matchAll(/docker build .*/g)].map(([line]) => line);
    expect(builds).toHaveLength(2);
    for (const line of builds)
      expect(line).toContain('-t sentinel:latest -t "sentinel:$(git rev-parse --short HEAD)"');
    const [, variable = ''] = /\$\{(\w+):-latest\}/.exec(bot.image) ?? [];
    expect(blocks).toMatch(new RegExp(`echo ${variable}=\\w+ \\| sudo tee \\.env`));
  });

  test('lets no shell of somebody else look into a folder only the bot may read', () => {
    const globs = blocks.split('\n').filter((line) => /^[^'#]*sudo [^'#]*[*?]/.test(line));
    const redirections = blocks.split('\n').filter((line) => /^sudo [^'|#]*>/.test(line));
    expect([...globs, ...redirections]).toEqual([]);
  });

  test('names secrets as bot.yml does by default', () => {
    const token: string = botSchema.properties.discord.properties.token.default;
    expect(blocks).toContain(`secret ${token}`);
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
