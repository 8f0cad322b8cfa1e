import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLivePorts } from '../../../bot/live-ports.ts';
import { openNotifier } from '../../../bot/open-notifier.ts';
import { createClone, createScratch, type Clone } from '../providers/git/scratch.ts';
import { sentinel, type Answer } from './command-line.ts';

const scratch = createScratch();
let homelab: Clone;
let key: string;

beforeAll(() => {
  homelab = createClone(scratch.directory('homelab'));
  homelab.commit({
    'sentinel.yml': 'domain: home.lan\nhosts:\n  h1: { address: 127.0.0.1, port: 1, user: deployer }\n',
  });
  key = join(scratch.directory('keys'), 'id');
  writeFileSync(key, 'the key');
  chmodSync(key, 0o600);
});
afterAll(() => scratch.remove());

function run(args: readonly string[], given: Readonly<Record<string, string>>): Promise<Answer> {
  const env: Readonly<Record<string, string>> = { PATH: process.env['PATH'] ?? '', ...given };
  return sentinel(args, {
    ...{ directory: homelab.path, env, openNotifier: () => openNotifier(env) },
    openLive: () =>
      env['SENTINEL_SSH_KEY'] === undefined ? null : Promise.resolve().then(() => openLivePorts(env)),
  });
}

const canary = 'c4nary0fTheKey';
const pasted = [
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${canary}\n-----END OPENSSH PRIVATE KEY-----\n`,
  `-----BEGIN PRIVATE KEY-----${canary}`,
  canary,
  `/nowhere/${canary}`,
];

test.each(['SENTINEL_SSH_KEY', 'SENTINEL_SSH_KEY_MEDIA', 'SENTINEL_KNOWN_HOSTS', 'SENTINEL_SECRETS'])(
  'what %s holds instead of a path is told by no command, and the doctor says what is wrong with it',
  async (name) => {
    const kind = name === 'SENTINEL_SECRETS' ? 'folder' : 'file';
    for (const value of pasted) {
      const given = { SENTINEL_SSH_KEY: key, [name]: value };
      const plain = await run(['doctor', '--offline', '--only', 'configuration'], given);
      expect(plain.out.replaceAll(/\s+/g, ' ')).toContain(`wrong: ${name}: does not name a ${kind}. →`);
      expect(plain.exitCode).toBe(1);
      const all = [
        plain,
        await run(['doctor', '--offline', '--only', 'configuration', '--json'], given),
        await run(['plan', '--full'], given),
        await run(['notify', 'deployed'], given),
      ];
      for (const { out, err } of all) expect(out + err).not.toContain(canary);
    }
  },
  20_000,
);

test('the hint names the type a variable of GitLab has to be of', async () => {
  const { out } = await run(['doctor', '--offline'], { SENTINEL_SSH_KEY: canary });
  expect(out.replaceAll(/\s+/g, ' ')).toContain('in GitLab the variable has to be of the type File');
});
