import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDoctor } from '../../../bot/open-doctor.ts';
import { readInvite } from '../../../bot/doctor/invite.ts';
import { neededPermissions, permissionInteger } from '../../../bot/permissions.ts';
import type { Clock } from '../../../engine/index.ts';
import { createClock } from '../../../engine/providers/clock.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { webService } from '../../../lab/house/definitions.ts';
import { createHouse, type House } from '../../../lab/house/house.ts';
import { sentinel } from '../../engine/cli/command-line.ts';

let world: SimulatedWorld;
let house: House;
let folder: string;
let file: string;
let env: Record<string, string>;

beforeAll(async () => {
  world = await createSimulatedWorld();
  house = await createHouse({ world, gitlab: {}, secrets: { UNUSED_SECRET: 's3cret-0f-the-h0use' } });
  folder = dirname(dirname(house.database));
  file = join(folder, 'bot.yml');
  env = {
    PATH: process.env['PATH'] ?? '',
    DISCORD_TOKEN: house.discord.token,
    GITLAB_TOKEN: house.gitlab!.token,
    GITLAB_WEBHOOK_TOKEN: house.gitlab!.webhook.token,
  };
  house.gitlab!.project.protectBranch('main', { push: 'maintainer', merge: 'maintainer' });
  await house.services.commit(
    { 'services/media/web.yml': webService({ name: 'web', host: 'h1', image: 'web:1', port: 8101 }) },
    'feat: web',
  );
  await house.startBot();
}, 60_000);
afterAll(async () => {
  await house.close();
  await world.close();
});

async function doctor(
  only: readonly string[] = [],
  { given = {}, ...further }: { given?: Record<string, string>; clock?: Clock; repositoryMs?: number } = {},
): Promise<{ exitCode: number; out: string }> {
  const variables = { ...env, ...given };
  const answer = await sentinel(['doctor', ...(only.length > 0 ? ['--only', ...only] : [])], {
    ...{ directory: folder, env: variables },
    openBotDoctor: (path, how) =>
      Promise.resolve(
        openDoctor({
          ...{ file: path, env: variables, ...how, discordApi: house.discord.api },
          ...further,
        }),
      ),
  });
  for (const secret of [house.discord.token, house.gitlab!.token, 's3cret-0f-the-h0use'])
    expect(answer.out).not.toContain(secret);
  return { exitCode: answer.exitCode, out: answer.out.replaceAll(/\s+/g, ' ') };
}

/** Another bot.yml for as long as it is looked at. */
async function withConfig(edit: (text: string) => string, look: () => Promise<void>): Promise<void> {
  const text = readFileSync(file, 'utf8');
  expect(edit(text)).not.toBe(text);
  writeFileSync(file, edit(text));
  await look().finally(() => writeFileSync(file, text));
}

describe('on the host of a bot that runs', () => {
  test('all is good, beside the bot, and nothing was changed', async () => {
    const { state } = house.discord;
    const discordNow = () =>
      JSON.stringify([[...state.messages], [...state.commands], [...state.roles.keys()]]);
    const gitlab = house.gitlab!.lab;
    const [before, asked] = [discordNow(), gitlab.exchanges.length];

    const seen = await doctor();

    expect(seen.out).toContain('✅ Everything is as it should be.');
    expect(seen.exitCode).toBe(0);
    for (const said of [
      ...[
        'bot.yml: can be read and is valid',
        'a bot works with it now',
        'DISCORD_TOKEN',
        'lets the bot do all it needs there',
      ],
      ...[
        'has the bot in it',
        '@deployers',
        '/deploy',
        'its clock and ours show the same time',
        'the token has the scope `api`',
      ],
      ...[
        'GitLab 18.5.0-ee',
        'is Maintainer',
        'may push to the protected branch main',
        'tells the bot of pipelines and jobs',
      ],
      ...['branch main can be fetched', '1 service on 1 host', 'Docker Compose 2.26'],
    ])
      expect(seen.out).toContain(said);
    expect(discordNow()).toBe(before);
    const wrote = gitlab.exchanges
      .slice(asked)
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/git-upload-pack'));
    expect(wrote).toEqual([]);
  });
});

describe('Discord', () => {
  test('a wrong token, and a guild without the bot', async () => {
    const wrong = await doctor(['discord'], { given: { DISCORD_TOKEN: 'not.the.token' } });
    expect(wrong.exitCode).toBe(1);
    expect(wrong.out).toContain('❌ wrong: token: is not accepted by Discord. → Reset it');
    await withConfig(
      (text) => text.replace(/guild: "\d+"/, 'guild: "123456789012345678"'),
      async () => {
        expect((await doctor(['discord'])).out).toMatch(/does not have the bot in it\. → Invite it/);
      },
    );
  });

  test('a permission that is missing in the channel, a role that is gone, one nobody may mention', async () => {
    house.discord.denyBot('deployments', ['EmbedLinks', 'SendMessagesInThreads', 'MentionEveryone']);
    const denied = await doctor(['discord']);
    house.discord.denyBot('deployments', []);
    expect(denied.out).toContain('does not let the bot: Embed Links, Send Messages In Threads. → Allow it');
    const approvers = house.discord.role('approvers').id;
    await withConfig(
      (text) => text.replace(approvers, '223456789012345678'),
      async () => {
        expect((await doctor(['discord'])).out).toMatch(
          /role 223456789012345678: is named in bot\.yml.* → Copy the id again/,
        );
      },
    );
    await withConfig(
      (text) => text.replace('fallback:', `fallback:\n    roles: ["${approvers}"]`),
      async () => {
        const role = house.discord.role('approvers');
        const { mentionable } = role;
        Object.assign(role, { mentionable: false });
        const seen = await doctor(['discord']);
        Object.assign(role, { mentionable });
        expect(seen.out).toContain('⚠️ warning: @approvers: is not called when its approval is asked for.');
        expect(seen.exitCode).toBe(0);
      },
    );
  });

  test('commands that could not be asked for are not told as a wrong invitation; only a refusal is', async () => {
    const path = /\/applications\/\d+\/guilds\/\d+\/commands$/;
    for (const status of [500, 503, 429]) {
      house.discord.faults.next({ path, status, ...(status === 429 ? { retryAfter: 30 } : {}) });
      const seen = await doctor(['discord']);
      expect(seen.out).toContain(`commands: could not be asked: Discord answers ${status}.`);
      expect(seen.out).not.toContain('applications.commands');
    }
    house.discord.faults.next({ path, reset: true });
    expect((await doctor(['discord'])).out).toContain(
      'commands: could not be asked: Discord does not answer.',
    );
    house.discord.faults.next({ path, refusal: 'missingAccess' });
    expect((await doctor(['discord'])).out).toContain('it was invited without applications.commands');
  });

  test('a clock that is wrong is told with both names', async () => {
    const clock = { ...createClock(), now: () => new Date(Date.now() + 3 * 3_600_000) };
    expect((await doctor(['discord'], { clock })).out).toContain('its clock is 3 hours behind ours.');
  });
});

describe('GitLab', () => {
  test('a token that expired, one of too small a scope, a role that is too small and a branch that is not there', async () => {
    const { lab, bot, project } = house.gitlab!;
    const reader = lab.addToken('sentinel', ['read_api']);
    const inFiveDays = new Date(Date.now() + 5.5 * 86_400_000).toISOString().slice(0, 10);
    lab.expire(reader, inFiveDays);
    const soon = await doctor(['git'], { given: { GITLAB_TOKEN: reader } });
    expect(soon.out).toMatch(new RegExp(`the token expires on ${inFiveDays}, in \\d days\\. → Rotate it`));
    expect(soon.out).toContain('has the scopes read_api, but not `api`');
    lab.expire(reader, '2020-01-01');
    const old = await doctor(['git'], { given: { GITLAB_TOKEN: reader } });
    expect(old.out).toMatch(/did not accept the token.*Token is expired/);

    bot.projects[project.path] = 'reporter';
    const small = await doctor(['git']);
    bot.projects[project.path] = 'maintainer';
    expect(small.out).toMatch(/is only Reporter\. → Make it Developer/);
    expect(small.out).toContain('may not push to the protected branch main');

    await withConfig(
      (text) => text.replace('layout: fleet', 'layout: fleet\n    branch: releases'),
      async () => {
        expect((await doctor(['git'])).out).toContain('has no branch releases. → Push it');
      },
    );
  });
});

describe('a repository', () => {
  test('and a group that hang are told by name, and hold back nothing else', async () => {
    const open = new Set<Socket>();
    const silent = createServer((socket) => void open.add(socket.on('error', () => undefined))).listen(
      0,
      '127.0.0.1',
    );
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const more = [
      '  - name: hanging',
      `    url: http://127.0.0.1:${port}/hanging.git`,
      '  - group: nobody',
      '',
    ].join('\n');
    house.gitlab!.lab.faults.next({ path: /\/groups\/nobody\/projects/, delayMs: 4_000, times: 9 });
    await withConfig(
      (text) => text.replace(/^repositories:\n/m, `repositories:\n${more}`),
      async () => {
        const seen = await doctor(['git', 'hosts'], { repositoryMs: 2_000 });
        expect(seen.out).toMatch(/wrong: hanging: no answer within 2 s\./);
        expect(seen.out).toMatch(/wrong: nobody: no answer within 2 s\./);
        expect(seen.out).toContain('branch main can be fetched');
        expect(seen.out).toContain('its clock and ours show the same time');
      },
    );
    house.gitlab!.lab.faults.clear();
    for (const socket of open) socket.destroy();
    silent.close();
  });
});

describe('the configuration', () => {
  test('a secret others can read, a bot.yml others can change, a state folder that cannot be', async () => {
    chmodSync(join(folder, 'secrets'), 0o755);
    chmodSync(join(folder, 'secrets', 'UNUSED_SECRET'), 0o644);
    chmodSync(folder, 0o755);
    chmodSync(file, 0o666);
    const open = await doctor(['configuration']);
    chmodSync(file, 0o644);
    chmodSync(join(folder, 'secrets', 'UNUSED_SECRET'), 0o600);
    expect(open.out).toMatch(/UNUSED_SECRET can be read by every user of this machine\. → chmod 600/);
    expect(open.out).toMatch(/can be changed by every user of this machine\. → chmod o-w/);
    await withConfig(
      (text) => text.replace(/^state: .*$/m, `state: ${file}/state`),
      async () => {
        expect((await doctor(['configuration'])).out).toMatch(
          /cannot be made: .* is no folder\. → Give the folder/,
        );
      },
    );
  });

  test('every problem of a broken bot.yml with its place', async () => {
    await withConfig(
      (text) => text.replace('required: 1', 'required: one'),
      async () => {
        const seen = await doctor();
        expect(seen.exitCode).toBe(1);
        expect(seen.out).toMatch(/bot\.yml:\d+:\d+/);
        const discord = await doctor(['discord']);
        expect([discord.exitCode, discord.out]).toEqual([1, expect.stringMatching(/bot\.yml:\d+:\d+/)]);
      },
    );
  });
});

describe('the invite', () => {
  const invite = (args: readonly string[], directory = folder) =>
    sentinel(['discord', 'invite', ...args], {
      ...{ directory, env },
      readInvite: (from, signal) => readInvite({ ...from, env, api: house.discord.api }, signal),
    });

  test('has exactly the permissions the bot checks for, the guild of bot.yml and the application Discord names', async () => {
    const seen = await invite([]);
    const link = new URL(/https:\S+/.exec(seen.out)?.[0] ?? '');
    expect(Object.fromEntries(link.searchParams)).toEqual({
      client_id: house.discord.state.applicationId,
      scope: 'bot applications.commands',
      permissions: String(permissionInteger),
      guild_id: house.discord.state.guild.id,
    });
    expect(seen.out).toContain('Send Messages In Threads');
    expect(seen.out).not.toContain(house.discord.token);
    expect(permissionInteger.toString(2).replaceAll('0', '')).toHaveLength(neededPermissions.length);
  });

  test('--application asks nobody; --json is data; what is no id is not understood', async () => {
    const seen = await invite(['--application', '111122223333444455', '--json']);
    expect(JSON.parse(seen.out)).toMatchObject({
      application: '111122223333444455',
      permissions: String(permissionInteger),
    });
    expect((await invite(['--application', 'Sentinel'])).exitCode).toBe(2);
    expect((await invite(['--config', 'nowhere.yml'])).exitCode).toBe(3);
  });
});
