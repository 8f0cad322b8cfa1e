import { afterEach, describe, expect, test } from 'vitest';
import { ProblemError, type Problem } from '../../../../engine/problems.ts';
import type { DnsChange } from '../../../../engine/system-ports/dns.ts';
import type { PiholeOptions } from '../../../../lab/pihole/pihole.ts';
import { refusal } from '../../../../lab/pihole/reply.ts';
import { type Bench, createBench, password } from './support.ts';

const { signal } = new AbortController();
const benches: Bench[] = [];

afterEach(async () => {
  for (const bench of benches.splice(0)) {
    await bench.close();
    // Whatever a test was about: nothing overlaps, and only what is in the official description is used.
    expect({
      overlaps: bench.pihole.overlaps,
      violations: bench.pihole.contract.violations,
    }).toEqual({ overlaps: 0, violations: [] });
  }
});

async function bench(options: PiholeOptions = {}, secret = password): Promise<Bench> {
  const made = await createBench(options, secret);
  benches.push(made);
  return made;
}

const change = (add: readonly string[], remove: readonly string[] = []): DnsChange => ({
  name: 'grafana.home.lan',
  add,
  remove,
});
const grafana = '192.168.40.20 grafana.home.lan';
const moved = '192.168.40.21 grafana.home.lan';

async function problemOf(promise: Promise<unknown>): Promise<Problem> {
  const found = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (found instanceof ProblemError) return found.problem;
  throw new Error(`no problem but ${String(found)}`);
}

describe('reading', () => {
  test('gives every name of every line, in lower case, with addresses in one form', async () => {
    const { dns, pihole } = await bench({
      hosts: ['192.168.40.20 Grafana.home.lan. grafana # a note', 'FD00:0::1 nas', 'no line at all', grafana],
      cnames: ['www.home.lan,wiki.home.lan,grafana.home.lan,300'],
    });
    const entry = (name: string, address: string, text: string) => ({ name, address, text, service: null });
    const note = '192.168.40.20 Grafana.home.lan. grafana # a note';
    const alias = 'www.home.lan,wiki.home.lan,grafana.home.lan,300';
    expect(await dns.list(signal)).toEqual([
      entry('grafana.home.lan', '192.168.40.20', note),
      entry('grafana', '192.168.40.20', note),
      entry('nas', 'fd00::1', 'FD00:0::1 nas'),
      entry('grafana.home.lan', '192.168.40.20', grafana),
      entry('www.home.lan', 'grafana.home.lan', alias),
      entry('wiki.home.lan', 'grafana.home.lan', alias),
    ]);
    expect(pihole.sessions.count).toBe(0);
  });

  test('works with the address of the web page too', async () => {
    const { provider, pihole } = await bench({ hosts: [grafana] });
    expect(await provider({ url: `${pihole.url}/admin/` }).list(signal)).toHaveLength(1);
  });

  test('writes one form only', async () => {
    const { dns } = await bench();
    expect(dns.entryFor({ service: 'grafana', name: 'Grafana.Home.Lan.', address: 'FD00:0:0::20' })).toBe(
      'fd00::20 grafana.home.lan',
    );
  });
});

describe('changing', () => {
  test('adds before it takes away, one request after the other, and logs out', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana, '192.168.40.1 router'] });
    const done = await dns.change([change([moved], [grafana])], signal);
    expect(done).toEqual([{ ok: true, did: [`added “${moved}”`, `removed “${grafana}”`] }]);
    expect(pihole.state.hosts).toEqual(['192.168.40.1 router', moved]);
    const writes = pihole.requests.filter((line) => /PUT|DELETE \/config/.test(line));
    expect(writes).toEqual([`PUT /config/dns/hosts/${moved}`, `DELETE /config/dns/hosts/${grafana}`]);
    expect(pihole.sessions.count).toBe(0);
  });

  test('asks for nothing when all is there already', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    expect(await dns.change([change([grafana], [moved])], signal)).toEqual([{ ok: true, did: [] }]);
    expect(pihole.requests).toEqual(['POST /auth', 'GET /config/dns/hosts', 'DELETE /auth']);
  });

  test('takes away exactly the stored text, with every sign in it', async () => {
    const odd = '192.168.40.20 Grafana.home.lan grafana # 50% of + & ? ü';
    const { dns, pihole } = await bench({ hosts: [odd] });
    expect(await dns.change([change([], [odd])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual([]);
  });

  test('a line that was there twice goes altogether', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana, grafana] });
    expect(await dns.change([change([], [grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual([]);
  });

  test('a line with a slash cannot be taken away, and that is said', async () => {
    const odd = '192.168.40.20 grafana.home.lan # http://x';
    const { dns, pihole } = await bench({ hosts: [odd] });
    const [result] = await dns.change([change([moved], [odd])], signal);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-rejected' } });
    expect(pihole.state.hosts).toEqual([odd]);
  });

  test('what somebody else adds or removes in the same moment is as good as done by us', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    pihole.faults.next({
      method: 'PUT',
      path: moved,
      before: () => (pihole.state.hosts = [...pihole.state.hosts, moved]),
    });
    pihole.faults.next({ method: 'DELETE', path: grafana, before: () => (pihole.state.hosts = [moved]) });
    expect(await dns.change([change([moved], [grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual([moved]);
  });

  test('an answer that was lost is looked for before anything is repeated', async () => {
    const { dns, pihole } = await bench();
    pihole.faults.next({ method: 'PUT', path: grafana, cut: 'after' });
    expect(await dns.change([change([grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.requests.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
    expect(pihole.state.hosts).toEqual([grafana]);
  });

  test.each([
    ['was cut off', { cut: 'before' as const }],
    ['met an overloaded server', { reply: refusal(503, 'internal_error', { message: 'busy' }) }],
  ])('a request that %s is repeated', async (_, fault) => {
    const { dns, pihole } = await bench();
    pihole.faults.next({ method: 'PUT', path: grafana, ...fault });
    expect(await dns.change([change([grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual([grafana]);
  });

  test('what another writer undid is done again', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    pihole.faults.next({
      method: 'DELETE',
      path: grafana,
      after: () => (pihole.state.hosts = [grafana, '192.168.40.9 other']),
    });
    expect(await dns.change([change([moved], [grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual(['192.168.40.9 other', moved]);
  });

  test('who never lets our change stand ends it, and is not fought for ever', async () => {
    const { dns, pihole } = await bench({ hosts: ['192.168.40.9 other'] });
    pihole.faults.next({
      method: 'PUT',
      path: grafana,
      times: 4,
      after: () => (pihole.state.hosts = ['192.168.40.9 other']),
    });
    expect(await dns.change([change([grafana])], signal)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'system-busy' } },
    ]);
    expect(pihole.state.hosts).toEqual(['192.168.40.9 other']);
  });

  test('one name that is refused leaves its own entries as they were, and its neighbours theirs', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    const bad = '192.168.40.22 gra!fana.home.lan';
    const [refused, fine] = await dns.change(
      [change([moved, bad], [grafana]), { name: 'wiki', add: ['192.168.40.30 wiki'], remove: [] }],
      signal,
    );
    expect(refused).toMatchObject({ ok: false, touched: false, problem: { code: 'system-rejected' } });
    expect(fine).toMatchObject({ ok: true });
    expect(pihole.state.hosts).toEqual([grafana, '192.168.40.30 wiki']);
  });

  test('somebody else’s invalid line is named as what is in the way', async () => {
    const { dns } = await bench({ hosts: ['192.168.040.50 old', grafana] });
    const [result] = await dns.change([change([moved], [grafana])], signal);
    expect(result).toMatchObject({ ok: false, touched: false });
    expect(result?.ok === false && result.problem.message).toContain('“192.168.040.50 old” is invalid');
  });

  test('a server that goes away half-way is said to be away', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    let gone = Promise.resolve();
    pihole.faults.next({
      method: 'PUT',
      path: moved,
      after: () => {
        gone = pihole.down();
      },
    });
    const [result] = await dns.change([change([moved], [grafana])], signal);
    expect(result).toMatchObject({ ok: false, touched: true, problem: { code: 'system-unreachable' } });
    await gone;
  });
});

describe('logging in', () => {
  test('a server without a password is not asked for a session', async () => {
    const { dns, pihole } = await bench({ password: null });
    expect(await dns.change([change([grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.requests.filter((line) => line.includes('/auth'))).toEqual([]);
  });

  test('a password nobody asks for any more does no harm', async () => {
    const { pihole, dns } = await bench();
    pihole.state.password = null;
    expect(await dns.list(signal)).toEqual([]);
    expect(pihole.requests).not.toContain('DELETE /auth');
  });

  test('a password that is asked for and not configured is said to be missing', async () => {
    const { provider } = await bench();
    expect(await problemOf(provider({ password: null }).list(signal))).toMatchObject({
      code: 'system-refused',
      message: expect.stringContaining('asks for a password') as string,
    });
  });

  test('a wrong password is tried twice, and never shown', async () => {
    const { dns, pihole, log } = await bench({}, 'wr0ng-canary');
    const problem = await problemOf(dns.list(signal));
    expect(problem).toMatchObject({ code: 'system-refused' });
    expect(pihole.requests).toEqual(['POST /auth', 'POST /auth']);
    expect(JSON.stringify([problem, log.lines])).not.toContain('wr0ng-canary');
  });

  test('an app password that looks wrong because others logged in is tried once more', async () => {
    const { dns, pihole } = await bench({ appPassword: 'app' }, 'app');
    pihole.faults.next({
      method: 'POST',
      path: '/auth',
      reply: { status: 401, body: { session: { valid: false, sid: null, message: 'password incorrect' } } },
    });
    expect(await dns.list(signal)).toEqual([]);
  });

  test('many logins with an app password wait for each other instead of failing', async () => {
    const { provider, pihole } = await bench({ appPassword: 'app', appSudo: true }, 'app');
    const lists = Array.from({ length: 8 }, () => provider().list(signal));
    expect((await Promise.all(lists)).length).toBe(8);
    expect(pihole.sessions.count).toBe(0);
  });

  test('an app password that may not write says what to turn on', async () => {
    const { dns, pihole } = await bench({ appPassword: 'app' }, 'app');
    expect(await dns.list(signal)).toEqual([]);
    const [result] = await dns.change([change([grafana])], signal);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-refused' } });
    expect(result?.ok === false && result.problem.hint).toContain('app_sudo');
    expect(pihole.sessions.count).toBe(0);
  });

  test('a second factor leads to an app password', async () => {
    const { dns } = await bench({ secondFactor: true });
    const problem = await problemOf(dns.list(signal));
    expect(problem).toMatchObject({ code: 'system-refused' });
    expect(problem.hint).toContain('app password');
  });

  test('a rate limit is waited for, but not for ever', async () => {
    const { dns, pihole } = await bench();
    const limited = refusal(429, 'rate_limiting', { message: 'Rate-limiting login attempts' });
    pihole.faults.next({ method: 'POST', path: '/auth', times: 3, reply: limited });
    expect(await dns.list(signal)).toEqual([]);
    pihole.faults.next({ method: 'POST', path: '/auth', times: 4, reply: limited });
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-busy' });
  });

  test('without a free seat it stops at once and names the setting', async () => {
    const { dns, pihole } = await bench({ seats: 1 });
    pihole.sessions.occupy();
    const problem = await problemOf(dns.list(signal));
    expect(problem).toMatchObject({ code: 'system-refused' });
    expect(problem.hint).toContain('webserver.api.max_sessions');
    expect(pihole.requests).toEqual(['POST /auth']);
  });

  test('a session the server forgot is taken again once', async () => {
    const { dns, pihole } = await bench({ hosts: [grafana] });
    pihole.faults.next({ method: 'DELETE', path: grafana, before: () => pihole.sessions.drop() });
    expect(await dns.change([change([], [grafana])], signal)).toMatchObject([{ ok: true }]);
    expect(pihole.state.hosts).toEqual([]);
    expect(pihole.sessions.count).toBe(0);
  });

  test('who always loses the session is told so', async () => {
    const { dns, pihole } = await bench();
    pihole.faults.next({
      method: 'GET',
      path: '/config',
      times: 2,
      before: () => pihole.sessions.drop(),
    });
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-refused' });
    expect(pihole.sessions.count).toBe(0);
  });

  test('an ended deployment still logs out, and says what it had begun', async () => {
    const { dns, pihole } = await bench();
    const stop = new AbortController();
    pihole.faults.next({ method: 'PUT', path: grafana, after: () => stop.abort() });
    expect(await dns.change([change([grafana])], stop.signal)).toMatchObject([
      { ok: false, touched: true, problem: { code: 'cancelled' } },
    ]);
    expect(pihole.requests.at(-1)).toBe('DELETE /auth');
    expect(pihole.sessions.count).toBe(0);
  });

  test('one that ends while it logs in gives its seat back too', async () => {
    const { dns, pihole } = await bench();
    const stop = new AbortController();
    pihole.faults.next({ method: 'POST', path: '/auth', after: () => stop.abort() });
    await expect(dns.list(stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(pihole.sessions.count).toBe(0);
  });

  test('a session that cannot be closed is noted, without its id', async () => {
    const { dns, pihole, log } = await bench();
    pihole.faults.next({ method: 'DELETE', path: '/auth', cut: 'before' });
    await dns.list(signal);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^session not closed/);
    expect(log.lines[0]).not.toContain('sid');
  });
});

describe('servers that take no changes', () => {
  test.each([
    ['names come from its environment', { forced: true }, 'FTLCONF_dns_hosts'],
    ['changes would be forgotten', { readOnly: 'forgets' as const }, 'misc.readOnly'],
    ['changes are refused', { readOnly: 'refuses' as const }, 'misc.readOnly'],
  ])('%s: nothing is tried, and the way out is named', async (_, options, way) => {
    const { dns, pihole } = await bench({ hosts: [grafana], ...options });
    const problem = await problemOf(dns.change([change([moved], [grafana])], signal));
    expect(problem).toMatchObject({ code: 'system-refused' });
    expect(problem.hint).toContain(way);
    expect(pihole.requests.filter((line) => line.startsWith('PUT'))).toEqual([]);
    expect(pihole.sessions.count).toBe(0);
  });

  test.each([
    ['its environment', { forced: true }, 'FTLCONF_dns_hosts'],
    ['its read-only mode', { readOnly: 'refuses' as const }, 'misc.readOnly'],
  ])('%s is understood too when it begins in between', async (_, options, way) => {
    const { dns, pihole } = await bench();
    pihole.faults.next({ method: 'PUT', path: grafana, before: () => Object.assign(pihole.state, options) });
    const [result] = await dns.change([change([grafana])], signal);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-refused' } });
    expect(result?.ok === false && result.problem.hint).toContain(way);
  });

  test('something that is no Pi-hole is said to be none', async () => {
    const { dns, pihole } = await bench();
    const page = { status: 200, text: '<html></html>' };
    pihole.faults.next({ method: 'POST', path: '/auth', reply: page });
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-rejected' });
    pihole.faults.next({ method: 'GET', path: '/config', reply: page });
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-rejected' });
    pihole.faults.next({
      method: 'GET',
      path: '/config',
      reply: { status: 200, body: { config: {}, took: 0 } },
    });
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-rejected' });
  });

  test('one that is off is said to be off', async () => {
    const { dns, pihole } = await bench();
    await pihole.down();
    expect(await problemOf(dns.list(signal))).toMatchObject({ code: 'system-unreachable' });
    await pihole.up();
    expect(await dns.list(signal)).toEqual([]);
  });
});

describe('at the same time', () => {
  const numbers = Array.from({ length: 6 }, (_, index) => index);
  const line = (index: number) => `192.168.41.${index} service-${index}.home.lan`;
  const added = (index: number): DnsChange => ({
    name: `service-${index}.home.lan`,
    add: [line(index)],
    remove: [],
  });

  test('deployments of one process wait for each other, whoever made their adapters', async () => {
    const { provider, pihole } = await bench();
    await Promise.all(numbers.map((index) => provider().change([added(index)], signal)));
    expect([...pihole.state.hosts].sort()).toEqual(numbers.map(line));
    expect(pihole.overlaps).toBe(0);
  });

  test('deployments of two processes overlap, and still lose nothing', async () => {
    const made = await createBench();
    const { provider, pihole, elsewhere } = made;
    const results = await Promise.all(
      numbers.map((index) => provider(index % 2 === 0 ? {} : elsewhere).change([added(index)], signal)),
    );
    expect(results.flat().map(({ ok }) => ok)).toEqual(numbers.map(() => true));
    expect([...pihole.state.hosts].sort()).toEqual(numbers.map(line));
    expect(pihole.overlaps).toBeGreaterThan(0);
    await made.close();
  });
});

test('the official description of the API was there to compare with', async ({ skip }) => {
  const { pihole } = await bench();
  skip(!pihole.contract.available, 'the folder with official descriptions is not beside the project');
  expect(pihole.contract.available).toBe(true);
});
