import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGitRepository } from '../../../../engine/providers/git/repository.ts';
import { ann, createRemote, createScratch, idle, silentLog, publicationTo } from './scratch.ts';

let scratch: ReturnType<typeof createScratch>;
let server: ssh2.Server;
let port: number;
const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
const otherKey = ssh2.utils.generateKeyPairSync('ed25519');
const userKey = ssh2.utils.generateKeyPairSync('ed25519');

beforeEach(async () => {
  scratch = createScratch();
  server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => {
      const known = userKey.public.split(' ')[1] ?? '';
      if (attempt.method === 'publickey' && attempt.key.data.toString('base64') === known) attempt.accept();
      else attempt.reject(['publickey']);
    });
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const git = spawn('sh', ['-c', command]); // what sshd does with git-upload-pack and git-receive-pack
        channel.pipe(git.stdin);
        git.stdout.pipe(channel, { end: false });
        git.stderr.pipe(channel.stderr, { end: false });
        git.on('close', (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as { port: number });
});
afterEach(() => {
  server.close();
  scratch.remove();
});

function setUp(known: { readonly public: string } | null, key: { readonly private: string } = userKey) {
  const { url, owner } = createRemote(scratch.directory);
  const commit = owner.commit({ a: '1' });
  owner.git('push', '--quiet', 'origin', 'HEAD');
  const keys = scratch.directory('keys with a blank');
  const [keyFile, knownHostsFile] = [join(keys, 'id'), join(keys, 'known_hosts')];
  writeFileSync(keyFile, key.private, { mode: 0o600 });
  writeFileSync(knownHostsFile, known === null ? '' : `[127.0.0.1]:${port} ${known.public}\n`);
  const repository = createGitRepository({
    name: 'homelab',
    url: `ssh://git@127.0.0.1:${port}${url}`,
    mirrorDirectory: scratch.directory('mirror'),
    environments: { production: { branch: 'main' } },
    defaultEnvironment: 'production',
    log: silentLog,
    committer: { name: 'Sentinel', email: 'sentinel@example.org' },
    env: process.env,
    ssh: { keyFile, knownHostsFile },
  });
  return { repository, commit, owner };
}

test('fetching and pushing work over SSH with a key file and a known host', async () => {
  const { repository, commit: base, owner } = setUp(hostKey);
  expect(await repository.resolve({ environment: 'production' }, idle())).toMatchObject({
    value: { commit: base },
  });
  const made = await repository.commit(
    { base, files: [{ path: 'a', text: '2' }], message: 'm', author: ann },
    idle(),
  );
  if (!made.ok) throw new Error(JSON.stringify(made));
  expect(await repository.publish(publicationTo('main', made.value), idle())).toMatchObject({ ok: true });
  expect(owner.git('ls-remote', 'origin', 'main')).toContain(made.value);
});

test('a host key nobody recorded is not trusted', async () => {
  const { repository } = setUp(null);
  expect(await repository.resolve({ environment: 'production' }, idle())).toMatchObject({
    problems: [{ code: 'host-key-unknown' }],
  });
});

test('a host key other than the recorded one is called out', async () => {
  const { repository } = setUp(otherKey);
  expect(await repository.resolve({ environment: 'production' }, idle())).toMatchObject({
    problems: [{ code: 'host-key-changed' }],
  });
});

test('a key the server does not accept is an authentication problem, and nobody is asked for a password', async () => {
  const { repository } = setUp(hostKey, otherKey);
  expect(await repository.resolve({ environment: 'production' }, idle())).toMatchObject({
    problems: [{ code: 'authentication-failed' }],
  });
});
