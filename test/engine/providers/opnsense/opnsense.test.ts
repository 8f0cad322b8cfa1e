import { afterEach, describe, expect, it } from 'vitest';
import { createOpnsense, type Opnsense } from '../../../../engine/providers/opnsense/opnsense.ts';
import { createSecrets } from '../../../../engine/providers/secrets.ts';
import type { Clock } from '../../../../engine/ports.ts';
import { startOpnsense, type LabOpnsense, type OpnsenseOptions } from '../../../../lab/opnsense/opnsense.ts';
import type { KeptOverride, OpnsenseVersion } from '../../../../lab/opnsense/state.ts';
import { quietLog } from '../../../../lab/quiet-log.ts';

const calm = new AbortController().signal;
const clock: Clock = { now: () => new Date(), wait: () => Promise.resolve() };
const name = 'grafana.home.lan';
const versions: readonly OpnsenseVersion[] = ['24.7', '25.7', '26.7'];
const foreign: KeptOverride = {
  uuid: '11111111-2222-4333-8444-555555555555',
  hostname: 'nas',
  domain: 'home.lan',
  server: '192.168.40.5',
  description: 'by hand',
};

const open: (LabOpnsense | Opnsense)[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(options: OpnsenseOptions = {}) {
  const lab = await startOpnsense({ overrides: [foreign], ...options });
  const provider = another(lab);
  const entry = (address: string, service = 'grafana') => provider.entryFor({ service, name, address });
  const add = (...addresses: string[]) =>
    provider.change([{ name, remove: [], add: addresses.map((address) => entry(address)) }], calm);
  return { lab, provider, entry, add };
}
function another(lab: LabOpnsense, secret = 'lab-secret'): Opnsense {
  const provider = createOpnsense(
    {
      provider: 'opnsense',
      url: lab.url,
      server: lab.server,
      password: null,
      key: 'DNS_KEY',
      secret: 'DNS_SECRET',
      ca: null,
    },
    {
      secrets: createSecrets({ env: { DNS_KEY: 'lab-key', DNS_SECRET: secret }, directory: null }),
      clock,
      log: quietLog,
    },
  );
  open.unshift(provider);
  open.push(lab);
  return provider;
}
const names = (lab: LabOpnsense) =>
  lab.state.overrides.map(({ hostname, domain, server }) => `${hostname}.${domain} ${server}`);

describe.each(versions)('host overrides of OPNsense %s', (version) => {
  it('are added with our mark, served with one restart, and listed as the entry that was asked for', async () => {
    const { lab, provider, entry, add } = await start({ version });
    expect(await add('192.168.40.20')).toEqual([
      { ok: true, did: ['added grafana.home.lan → 192.168.40.20'] },
    ]);
    expect(lab.state.overrides.at(-1)).toMatchObject({
      hostname: 'grafana',
      domain: 'home.lan',
      rr: 'A',
      enabled: '1',
      description: 'Sentinel: grafana',
    });
    expect(lab.state.reconfigures).toBe(1);
    expect(await provider.resolve(name, calm)).toEqual(['192.168.40.20']);
    expect(await provider.list(calm)).toEqual([
      { name: 'nas.home.lan', address: '192.168.40.5', text: expect.any(String) as string, service: null },
      { name, address: '192.168.40.20', text: entry('192.168.40.20'), service: 'grafana' },
    ]);
  });

  it('are the same after asking twice, without a second restart', async () => {
    const { lab, add } = await start({ version });
    await add('192.168.40.20');
    const kept = lab.state.overrides;
    expect(await add('192.168.40.20')).toEqual([{ ok: true, did: [] }]);
    expect(lab.state.overrides).toEqual(kept);
    expect(lab.state.reconfigures).toBe(1);
  });

  it('are served when they were kept by somebody who was cut off before the restart', async () => {
    const { lab, provider, add } = await start({ version });
    await add('192.168.40.20');
    lab.state.served = [foreign];
    await add('192.168.40.20');
    expect(await provider.resolve(name, calm)).toEqual(['192.168.40.20']);
    expect(lab.state.reconfigures).toBe(2);
  });

  it('go, and come back with every field they had', async () => {
    const { lab, provider } = await start({ version });
    const ours: KeptOverride = {
      ...foreign,
      uuid: '99999999-2222-4333-8444-555555555555',
      hostname: 'Grafana',
      description: 'Sentinel: grafana',
      ...(version === '24.7' ? {} : { ttl: '300' }),
      ...(version === '26.7' ? { addptr: '0' } : {}),
    };
    lab.keep(ours);
    const before = lab.state.overrides.at(-1);
    const texts = (await provider.list(calm)).filter((each) => each.name === name).map(({ text }) => text);
    await provider.change([{ name, remove: texts, add: [] }], calm);
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5']);
    await provider.change([{ name, remove: [], add: texts }], calm);
    const { uuid, ...fields } = lab.state.overrides.at(-1)!;
    expect({ uuid: before?.uuid, ...fields }).toEqual(before);
    expect(uuid === before?.uuid).toBe(version !== '24.7'); // where nobody can choose it
    await provider.change([{ name, remove: texts, add: [] }], calm); // found by what it says
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5']);
  });

  it('change their address in one batch, and back', async () => {
    const { lab, provider, entry, add } = await start({ version });
    await add('192.168.40.20');
    const [old, wanted] = [entry('192.168.40.20'), entry('192.168.40.30')];
    await provider.change([{ name, remove: [old], add: [wanted] }], calm);
    expect(await provider.resolve(name, calm)).toEqual(['192.168.40.30']);
    await provider.change([{ name, remove: [wanted], add: [old] }], calm);
    expect(await provider.resolve(name, calm)).toEqual(['192.168.40.20']);
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5', 'grafana.home.lan 192.168.40.20']);
    expect(lab.state.reconfigures).toBe(3);
  });

  it('are all read, however many there are, and never matched by part of a name', async () => {
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...foreign,
      uuid: `11111111-2222-4333-8444-0000000000${index + 10}`,
      hostname: `my-grafana-${index}`,
    }));
    const { lab, provider, add } = await start({ version, overrides: many });
    expect(await provider.list(calm)).toHaveLength(60);
    await add('192.168.40.20');
    await provider.change(
      [
        {
          name,
          remove: [provider.entryFor({ service: 'grafana', name, address: '192.168.40.20' })],
          add: [],
        },
      ],
      calm,
    );
    expect(lab.state.overrides).toHaveLength(60);
  });

  it('with a host name that keeps Unbound from starting are taken back, and the server runs again', async () => {
    const { lab, provider, entry } = await start({ version });
    const bad = entry('192.168.40.20').replace('"hostname":"grafana"', '"hostname":"grafana."');
    const [result] = await provider.change([{ name, remove: [], add: [bad] }], calm);
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-rejected' } });
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5']);
    expect(lab.state.service).toBe('running');
    expect(await provider.resolve('nas.home.lan', calm)).toEqual(['192.168.40.5']);
    expect(lab.state.reconfigures).toBe(version === '26.7' ? 0 : 2); // 26.7 sees it itself
  });

  it('cannot be changed with the privilege for their page alone, and nothing is written', async () => {
    const { lab, provider, add } = await start({ version, privilege: 'overrides' });
    expect(await provider.list(calm)).toHaveLength(1);
    const [result] = await add('192.168.40.20');
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-refused' } });
    expect(JSON.stringify(result)).toContain('api/unbound/*');
    expect(lab.state.overrides).toHaveLength(1);
  });
});

describe('changing several names', () => {
  it('restarts once, and one that is refused does not hold up the others', async () => {
    const { lab, provider } = await start();
    const change = (service: string, address: string) => {
      const wanted = `${service}.home.lan`;
      return { name: wanted, remove: [], add: [provider.entryFor({ service, name: wanted, address })] };
    };
    const results = await provider.change(
      [change('one', '192.168.40.1'), change('two', 'nowhere'), change('three', 'fd00::3')],
      calm,
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(results[1]).toMatchObject({ touched: false, problem: { code: 'system-rejected' } });
    expect(await provider.resolve('one.home.lan', calm)).toEqual(['192.168.40.1']);
    expect(await provider.resolve('three.home.lan', calm)).toEqual(['fd00::3']);
    expect(lab.state.reconfigures).toBe(1);
  });

  it('takes back the first half of a change whose second half is refused, before anything is served', async () => {
    const { lab, add } = await start();
    const [result] = await add('192.168.40.20', 'nowhere');
    expect(result).toMatchObject({ ok: false, touched: false });
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5']);
    expect(lab.state.reconfigures).toBe(0);
  });

  it('loses nothing when two batches come at once', async () => {
    const { lab, provider } = await start();
    const results = await Promise.all(
      ['a', 'b', 'c'].map((service) => {
        const text = provider.entryFor({ service, name: `${service}.home.lan`, address: '192.168.40.20' });
        return provider.change([{ name: `${service}.home.lan`, remove: [], add: [text] }], calm);
      }),
    );
    expect(results.flat().every(({ ok }) => ok)).toBe(true);
    expect(lab.state.overrides).toHaveLength(4);
  });

  it('loses nothing when two programs write at the same time', async () => {
    const { lab, provider } = await start();
    const other = another(lab);
    open.pop();
    const write = (by: Opnsense, service: string) => {
      const text = by.entryFor({ service, name: `${service}.home.lan`, address: '192.168.40.20' });
      return by.change([{ name: `${service}.home.lan`, remove: [], add: [text] }], calm);
    };
    const results = await Promise.all([write(provider, 'a'), write(other, 'b')]);
    expect(results.flat().every(({ ok }) => ok)).toBe(true);
    expect([...names(lab)].sort()).toEqual([
      'a.home.lan 192.168.40.20',
      'b.home.lan 192.168.40.20',
      'nas.home.lan 192.168.40.5',
    ]);
  });
});

describe('a server that does not do as it should', () => {
  it('gets a lost record written again', async () => {
    const { lab, provider, add } = await start();
    const lose = () => void (lab.state.overrides = lab.state.overrides.slice(0, 1));
    lab.faults.next({ path: 'set_host_override', after: lose });
    lab.faults.next({ path: 'reconfigure', after: lose });
    expect(await add('192.168.40.20')).toMatchObject([{ ok: true }]);
    expect(names(lab)).toEqual(['nas.home.lan 192.168.40.5', 'grafana.home.lan 192.168.40.20']);
    expect(await provider.resolve(name, calm)).toEqual(['192.168.40.20']);
  });

  it('that keeps losing records is given up', async () => {
    const { lab, add } = await start();
    const lose = () => void (lab.state.overrides = lab.state.overrides.slice(0, 1));
    lab.faults.next({ path: 'set_host_override', after: lose, times: 4 });
    expect(await add('192.168.40.20')).toMatchObject([{ ok: false, problem: { code: 'system-busy' } }]);
    expect(lab.state.overrides).toHaveLength(1);
  });

  it('that cuts the connection after writing finds what was written taken back', async () => {
    const { lab, add } = await start();
    lab.faults.next({ path: 'set_host_override', cut: 'after' });
    const [result] = await add('192.168.40.20');
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'system-unreachable' } });
    expect(lab.state.overrides).toHaveLength(1);
    expect(lab.state.reconfigures).toBe(0);
  });

  it('that cannot be restarted keeps nothing new, and says that it may have been touched', async () => {
    const { lab, add } = await start();
    lab.faults.next({ path: 'reconfigure', reply: { status: 500, body: {} }, times: 2 });
    const [result] = await add('192.168.40.20');
    expect(result).toMatchObject({ ok: false, touched: true, problem: { code: 'system-unreachable' } });
    expect(lab.state.overrides).toHaveLength(1);
  });

  it('does not accept a wrong key, and the message holds neither key nor secret', async () => {
    const { lab } = await start();
    const stranger = another(lab, 'wrong-secret');
    open.pop();
    const asked = stranger.list(calm).catch((error: unknown) => error);
    const error = await asked;
    expect(error).toMatchObject({ problem: { code: 'system-refused' } });
    expect(JSON.stringify(error)).not.toMatch(/wrong-secret|lab-key/);
  });

  it('that is switched off is told apart from one that fails', async () => {
    const { lab, add } = await start();
    lab.state.service = 'disabled';
    const [result] = await add('192.168.40.20');
    expect(result).toMatchObject({ ok: false, touched: false });
    expect(JSON.stringify(result)).toContain('switched off');
    expect(lab.state.overrides).toHaveLength(1);
  });

  it('leaves nothing behind when the caller gives up in the middle', async () => {
    const { lab, provider, entry } = await start();
    const abort = new AbortController();
    lab.faults.next({ path: 'set_host_override', after: () => abort.abort() });
    const [result] = await provider.change(
      [{ name, remove: [], add: [entry('192.168.40.20')] }],
      abort.signal,
    );
    expect(result).toMatchObject({ ok: false, touched: false, problem: { code: 'cancelled' } });
    expect(lab.state.overrides).toHaveLength(1);
  });
});

describe('what people did by hand', () => {
  it('is left alone when it changed since', async () => {
    const { lab, provider, entry, add } = await start();
    await add('192.168.40.20');
    lab.state.overrides = lab.state.overrides.map((each) =>
      each['hostname'] === 'grafana' ? { ...each, server: '192.168.40.99' } : each,
    );
    const change = { name, remove: [entry('192.168.40.20')], add: [] };
    expect(await provider.change([change], calm)).toMatchObject([
      { ok: false, touched: false, problem: { code: 'conflict' } },
    ]);
    expect(names(lab)).toContain('grafana.home.lan 192.168.40.99');
  });

  it('is switched on again where it was only switched off, and is no answer until then', async () => {
    const { lab, provider, add } = await start();
    await add('192.168.40.20');
    lab.state.overrides = lab.state.overrides.map((each) => ({ ...each, enabled: '0' }));
    expect(await provider.list(calm)).toEqual([]);
    await add('192.168.40.20');
    expect(lab.state.overrides.map(({ enabled }) => enabled)).toEqual(['0', '1']);
  });

  it('shows a wildcard under its own name', async () => {
    const { provider } = await start({ overrides: [{ ...foreign, hostname: '*' }] });
    expect(await provider.list(calm)).toMatchObject([{ name: '*.home.lan', service: null }]);
  });
});
