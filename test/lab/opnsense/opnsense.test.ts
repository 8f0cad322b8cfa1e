import { afterEach, describe, expect, it } from 'vitest';
import { startOpnsense, type LabOpnsense, type OpnsenseOptions } from '../../../lab/opnsense/opnsense.ts';

const host = { hostname: 'grafana', domain: 'home.lan', rr: 'A', server: '192.168.40.20' };
const open: LabOpnsense[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(options: OpnsenseOptions = {}) {
  const lab = await startOpnsense(options);
  open.push(lab);
  const authorization = `Basic ${Buffer.from('lab-key:lab-secret').toString('base64')}`;
  const post = async (path: string, body: string) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${lab.url}/api/unbound/${path}`, { method: 'POST', headers, body });
    return { status: answer.status, body: await answer.json() };
  };
  return { lab, post };
}
const add = JSON.stringify({ host });
const all = JSON.stringify({ current: 1, rowCount: -1, searchPhrase: '' });
const uuid = '99999999-2222-4333-8444-555555555555';

describe('the OPNsense of the lab', () => {
  it('refuses an empty body', async () => {
    const { post } = await start();
    expect(await post('service/reconfigure', '')).toMatchObject({ status: 400 });
  });

  it('knows both spellings, and checks privileges by the one that was used', async () => {
    const { lab, post } = await start({ version: '24.7' });
    expect(await post('settings/searchHostOverride', all)).toMatchObject({ status: 200 });
    expect(await post('settings/search_host_override', all)).toMatchObject({ status: 200 });
    lab.state.privilege = 'overrides';
    expect(await post('settings/searchHostOverride', all)).toMatchObject({ status: 200 });
    expect(await post('settings/search_host_override', all)).toMatchObject({ status: 403 });
  });

  it('makes a record of an unknown identifier only in newer versions', async () => {
    const [old, recent] = [await start({ version: '24.7' }), await start({ version: '25.7' })];
    const path = `settings/set_host_override/${uuid}`;
    expect((await old.post(path, add)).body).toEqual({ result: 'failed' });
    expect((await recent.post(path, add)).body).toEqual({ result: 'saved' });
    expect(recent.lab.state.overrides.map((each) => each.uuid)).toEqual([uuid]);
  });

  it('shows rows as each version does', async () => {
    const rows = await Promise.all(
      (['24.7', '25.7', '26.7'] as const).map(async (version) => {
        const { post } = await start({ version, overrides: [{ uuid, ...host }] });
        return (await post('settings/search_host_override', all)).body;
      }),
    );
    expect(rows).toMatchObject([
      { rows: [{ rr: 'A (IPv4 address)' }] },
      { rows: [{ rr: 'A', '%rr': 'A (IPv4 address)', ttl: '' }] },
      { rows: [{ rr: 'A', addptr: '1', _children: [{ isAlias: true }] }] },
    ]);
  });

  it('gives one page unless it is asked for all, and searches in every field', async () => {
    const overrides = Array.from({ length: 9 }, (_, index) => ({ ...host, uuid: `${uuid}${index}` }));
    const { post } = await start({ overrides });
    expect((await post('settings/search_host_override', '{}')).body).toMatchObject({ rowCount: 7, total: 9 });
    const found = await post('settings/search_host_override', '{"rowCount":-1,"searchPhrase":"fana"}');
    expect(found.body).toMatchObject({ total: 9 });
  });

  it('loses one of two records that are saved at the same time', async () => {
    const { lab, post } = await start({ saveMs: 50 });
    await Promise.all([
      post('settings/add_host_override', add),
      post('settings/add_host_override', add.replace('grafana', 'jellyfin')),
    ]);
    expect(lab.state.overrides).toHaveLength(1);
  });

  it('complains about a fault nobody ran into and an address nobody knows', async () => {
    const { lab, post } = await start();
    open.pop();
    lab.faults.next({ path: 'reconfigure' });
    expect(await post('settings/make_coffee', '{}')).toMatchObject({ status: 404 });
    await expect(lab.close()).rejects.toThrow(/reconfigure.*make_coffee/);
  });
});
