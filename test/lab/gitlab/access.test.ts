import { Gitlab } from '@gitbeaker/rest';
import { describe, expect, test } from 'vitest';
import { openLab } from './support.ts';

describe('the door', () => {
  test('a wrong token is 401, another one’s project is 404, a low role or scope is 403', async () => {
    const { lab, project, ask } = await openLab();
    const url = `${lab.url}/api/v4/projects/${project.id}`;
    const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ 'private-token': 'glpat-wrong' })).toBe(401);
    expect(await ask('GET /', undefined, 'stranger')).toMatchObject({
      ...{ status: 404, body: { message: '404 Project Not Found' } },
    });
    expect(await ask('POST /pipeline', { ref: 'main' }, 'rae')).toMatchObject({
      ...{ status: 403, body: { message: '403 Forbidden' } },
    });
    const reading = {
      'private-token': lab.addToken('maya', ['read_api']),
      'content-type': 'application/json',
    };
    expect(await status(reading)).toBe(200);
    const refused = await fetch(`${url}/pipeline`, {
      method: 'POST',
      headers: reading,
      body: '{"ref":"main"}',
    });
    expect([refused.status, await refused.json()]).toMatchObject([403, { error: 'insufficient_scope' }]);
  });

  test('a token is taken as a bearer too, until it is revoked', async () => {
    const { lab, project, tokens } = await openLab();
    const client = new Gitlab({ host: lab.url, oauthToken: tokens.dev });
    expect(await client.Users.showCurrentUser()).toMatchObject({ username: 'dev' });
    expect(await client.Projects.show('homelab/services')).toMatchObject({ id: project.id });
    lab.revoke(tokens.dev);
    await expect(client.Projects.show(project.id)).rejects.toThrow('invalid_token');
  });

  test('a missing parameter is named, and is no message but an error', async () => {
    const { ask } = await openLab();
    expect(await ask('POST /merge_requests', { source_branch: 'x', target_branch: 'main' })).toMatchObject({
      ...{ status: 400, body: { error: 'title is missing' } },
    });
  });
});

test('a group has its projects, with those of its subgroups when asked for', async () => {
  const { lab, client } = await openLab();
  await lab.createProject({ path: 'homelab/media/jellyfin' });
  const paths = async (includeSubgroups: boolean) =>
    (await client().Groups.allProjects('homelab', { includeSubgroups })).map(
      (each) => each.path_with_namespace,
    );
  expect(await paths(false)).toEqual(['homelab/services']);
  expect(await paths(true)).toEqual(['homelab/services', 'homelab/media/jellyfin']);
});

test('lists come in pages', async () => {
  const { client, project, users, ask } = await openLab();
  for (const name of ['a', 'b', 'c'])
    await project.push({ by: users.dev, branch: name, files: { [name]: name }, message: name });
  const page = await ask('GET /repository/branches?per_page=3&page=1');
  expect(page.headers.get('x-next-page')).toBe('2');
  expect(page.headers.get('x-total')).toBe('4');
  expect(await client().Branches.all(project.id, { perPage: 3 })).toHaveLength(4);
});

describe('branches', () => {
  test('are made from a commit and removed, except the default one and protected ones', async () => {
    const { client, project, ask } = await openLab();
    const made = await client().Branches.create(project.id, 'feature/x', await project.head());
    expect(made).toMatchObject({ name: 'feature/x', protected: false, can_push: true });
    expect(await client().Branches.show(project.id, 'feature/x')).toMatchObject({
      commit: { id: await project.head() },
    });
    expect(await ask('POST /repository/branches', { branch: 'feature/x', ref: 'main' })).toMatchObject({
      ...{ status: 400, body: { message: 'Branch already exists' } },
    });
    await client().Branches.remove(project.id, 'feature/x');
    expect((await ask('GET /repository/branches/feature%2Fx')).status).toBe(404);
    expect((await ask('DELETE /repository/branches/main')).status).toBe(405);
  });
});

describe('variables', () => {
  test('come in clear by scope, except hidden ones; two of one name need the scope', async () => {
    const { client, project, ask } = await openLab();
    project.addVariable({ key: 'DB', value: 'staging-value', scope: 'staging', masked: true });
    await client().ProjectVariables.create(project.id, 'DB', 'production-value', {
      environmentScope: 'production',
    });
    project.addVariable({ key: 'SECRET', value: 'never', hidden: true, masked: true });
    expect((await ask('GET /variables/DB')).status).toBe(409);
    expect(
      await client().ProjectVariables.show(project.id, 'DB', { filter: { environment_scope: 'production' } }),
    ).toMatchObject({
      ...{ key: 'DB', value: 'production-value', variable_type: 'env_var', environment_scope: 'production' },
    });
    const all = await client().ProjectVariables.all(project.id);
    expect(all.map(({ value }) => value)).toEqual(['staging-value', 'production-value', null]);
    expect((await ask('GET /variables', undefined, 'dev')).status).toBe(403);
  });

  test('of a group are a list of their own', async () => {
    const { client, project } = await openLab();
    await client().GroupVariables.create('homelab', 'DNS', 'pi');
    expect(await client().GroupVariables.all('homelab')).toMatchObject([{ key: 'DNS', value: 'pi' }]);
    expect(await client().ProjectVariables.all(project.id)).toEqual([]);
  });
});

describe('faults', () => {
  test('a 502 after the work is done makes the client do it again', async () => {
    const { lab, client, project } = await openLab();
    lab.faults.next({ method: 'POST', path: /repository\/branches$/, applied: true, reply: { status: 502 } });
    await expect(client().Branches.create(project.id, 'twice', 'main')).rejects.toThrow(
      'Branch already exists',
    );
    expect(lab.exchanges.filter(({ method }) => method === 'POST').map(({ status }) => status)).toEqual([
      502, 400,
    ]);
  });

  test('a limit is plain text with its headers; a cut connection loses the answer or the work', async () => {
    const { lab, ask, project } = await openLab();
    lab.faults.next({ path: /repository\/branches$/, limited: 30 });
    const limited = await ask('GET /repository/branches');
    expect([limited.status, limited.body, limited.headers.get('retry-after')]).toEqual([
      429,
      'Retry later\n',
      '30',
    ]);
    lab.faults.next({ method: 'POST', path: /repository\/branches$/, cut: true });
    await expect(ask('POST /repository/branches', { branch: 'a', ref: 'main' })).rejects.toThrow();
    lab.faults.next({ method: 'POST', path: /repository\/branches$/, cut: true, applied: true });
    await expect(ask('POST /repository/branches', { branch: 'b', ref: 'main' })).rejects.toThrow();
    expect([...project.state.known.keys()]).toEqual(['b', 'main']);
  });

  test('one nobody met, and a request GitLab does not know, are told at the end', async () => {
    const { lab, ask } = await openLab({ tolerant: true });
    lab.faults.next({ path: /never/ });
    expect((await ask('GET /nothing')).status).toBe(404);
    await expect(lab.close()).rejects.toThrow(
      /fault any \/never\/.*does not know GET \/projects\/homelab\/services\/nothing/,
    );
  });

  test('what was asked is kept, tokens are not', async () => {
    const { lab, ask, tokens, project } = await openLab();
    await ask('POST /repository/branches', { branch: 'a', ref: 'main' });
    expect(lab.exchanges).toMatchObject([
      {
        method: 'POST',
        path: `/projects/${project.path}/repository/branches`,
        params: { branch: 'a' },
        status: 201,
      },
    ]);
    expect(JSON.stringify(lab.exchanges)).not.toContain(tokens.maya);
  });
});
