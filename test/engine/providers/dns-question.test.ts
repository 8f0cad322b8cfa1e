import { afterEach, expect, test } from 'vitest';
import { askDns } from '../../../engine/providers/dns-question.ts';
import { type DnsReply, type DnsServer, startDnsServer } from '../../../lab/dns-server/dns-server.ts';

const { signal } = new AbortController();
const servers: DnsServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serverWith(answer: (name: string, type: 'A' | 'AAAA') => DnsReply): Promise<DnsServer> {
  const server = await startDnsServer({ answer });
  servers.push(server);
  return server;
}

test('a name answers with all its addresses of both kinds, sorted and in one form', async () => {
  const server = await serverWith((name, type) => {
    if (name !== 'grafana.home.lan') return 'refused';
    return type === 'A' ? ['192.168.40.21', '192.168.40.20'] : ['FD00:0:0::20'];
  });
  expect(await askDns(server, 'grafana.home.lan', signal)).toEqual([
    '192.168.40.20',
    '192.168.40.21',
    'fd00::20',
  ]);
});

test.each(['refused', 'unknown', 'failed'] as const)('a name that is %s has no addresses', async (reply) => {
  const server = await serverWith(() => reply);
  expect(await askDns(server, 'nobody.home.lan', signal)).toEqual([]);
});

test('a name without records of either kind has no addresses', async () => {
  const server = await serverWith(() => []);
  expect(await askDns(server, 'empty.home.lan', signal)).toEqual([]);
});

test('what the server has to ask others for, in vain, does not hide what it knows itself', async () => {
  const server = await serverWith((_, type) => (type === 'A' ? ['192.168.40.20'] : 'silent'));
  expect(await askDns(server, 'grafana.home.lan', signal)).toEqual(['192.168.40.20']);
});

test('an answer is not remembered, whatever its time to live says', async () => {
  let address = '192.168.40.20';
  const server = await startDnsServer({
    answer: (_, type) => (type === 'A' ? [address] : []),
    ttl: 3600,
  });
  servers.push(server);
  await askDns(server, 'grafana.home.lan', signal);
  address = '192.168.40.21';
  expect(await askDns(server, 'grafana.home.lan', signal)).toEqual(['192.168.40.21']);
});

test('a server that is gone is named with its address', async () => {
  const server = await serverWith(() => 'silent');
  await server.down();
  await expect(askDns(server, 'grafana.home.lan', signal)).rejects.toMatchObject({
    problem: { code: 'system-unreachable', where: `127.0.0.1:${server.port}` },
  });
});

test('a server that is named by a name nobody knows is said to be', async () => {
  const nobody = { address: 'dns.invalid', port: 53 };
  await expect(askDns(nobody, 'grafana.home.lan', signal)).rejects.toMatchObject({
    problem: { code: 'system-unreachable', message: expect.stringContaining('dns.invalid') as string },
  });
});

test('a question can be given up', async () => {
  const server = await serverWith(() => 'silent');
  const stop = new AbortController();
  const asked = askDns(server, 'grafana.home.lan', stop.signal);
  stop.abort();
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
});
