import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { remoteConfig, sshCommand } from '../../../../engine/providers/git/remote.ts';
import { createGitRepository } from '../../../../engine/providers/git/repository.ts';
import { createScratch, idle, silentLog } from './scratch.ts';

describe('the address of a remote', () => {
  test('keeps user and password out of the address git is given', () => {
    const config = remoteConfig('https://bot:se%3Acret@git.home.lan/x/y.git');
    expect(config['remote.origin.url']).toBe('https://git.home.lan/x/y.git');
    expect(config['http.https://git.home.lan/.extraHeader']).toBe(
      `Authorization: Basic ${Buffer.from('bot:se:cret').toString('base64')}`,
    );
  });

  test('names the authority of its server, for that server only', () => {
    const config = remoteConfig('https://git.home.lan/x/y.git', { caFile: '/etc/home-ca.pem' });
    expect(config).toEqual({
      'remote.origin.url': 'https://git.home.lan/x/y.git',
      'http.https://git.home.lan/.sslCAInfo': '/etc/home-ca.pem',
    });
  });

  test.each([
    '/srv/git/x.git',
    'file:///srv/git/x.git',
    'git@host:x.git',
    'ssh://git@host/x.git',
    'https://host/x.git',
  ])('%s is used as it is', (url) => expect(remoteConfig(url)).toEqual({ 'remote.origin.url': url }));

  test.each(['--upload-pack=x', 'a\nb', 'a\0b'])('%j is refused', (url) => {
    expect(() => remoteConfig(url)).toThrow();
  });

  test('the paths of keys reach ssh as one argument each, whatever is in them', () => {
    const command = sshCommand({ keyFile: `/keys/$(touch pwned) 'a'`, knownHostsFile: '/k h' });
    const seen = execFileSync('sh', ['-c', `ssh() { printf '%s\\n' "$@"; }; ${command}`], {
      encoding: 'utf8',
    });
    expect(seen).toContain(`IdentityFile="/keys/$(touch pwned) 'a'"\n`);
    expect(seen).toContain('StrictHostKeyChecking=yes\n');
    expect(seen).toContain('BatchMode=yes\n');
  });
});

test.each([
  ['in the address', (host: string) => ({ url: `http://bot:canary-secret@${host}/x.git` })],
  [
    'given separately',
    (host: string) => ({
      url: `http://${host}/x.git`,
      credential: { user: 'bot', password: () => 'canary-secret' },
    }),
  ],
])('a password %s reaches an HTTP server as a header and appears in no problem', async (_where, login) => {
  const scratch = createScratch();
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="GitLab"' }).end('HTTP Basic: Access denied');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const repository = createGitRepository({
    name: 'homelab',
    ...login(`127.0.0.1:${port}`),
    mirrorDirectory: scratch.directory('mirror'),
    environments: { production: { branch: 'main' } },
    defaultEnvironment: 'production',
    log: silentLog,
    committer: { name: 'Sentinel', email: 'sentinel@example.org' },
    env: process.env,
  });
  const answer = await repository.resolve({ environment: 'production' }, idle());
  server.close();
  scratch.remove();
  expect(seen[0]).toBe(`Basic ${Buffer.from('bot:canary-secret').toString('base64')}`);
  expect(answer).toMatchObject({ problems: [{ code: 'authentication-failed' }] });
  expect(JSON.stringify(answer)).not.toContain('canary-secret');
});
