import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { startPage } from '../../../lab/page/start-page.ts';
import type { MessageView, PageView } from '../../../lab/page/view.ts';
import type { World } from '../../../lab/world.ts';
import { eventually } from '../../eventually.ts';
import {
  ask,
  buttonOf,
  does,
  openPageHouse,
  post,
  watchAs,
  type PageHouse,
  type Watching,
} from './page-house.ts';

let world: World;
let at: PageHouse;
const watching: Watching[] = [];
const look = async (as?: string): Promise<Watching> => {
  const one = await watchAs(at.page, as);
  watching.push(one);
  return one;
};
const channelOf = (view: PageView): string => view.channels[0]!.id;
const withButton = (view: PageView, label: string): MessageView | undefined =>
  view.messages.findLast((message) => buttonOf(message, label) !== undefined);
const idOf = (name: 'ana' | 'ben' | 'dora'): string => at.house().people[name].id;

beforeAll(async () => {
  world = await createSimulatedWorld();
  at = await openPageHouse(world);
});
afterEach(() => {
  for (const one of watching.splice(0)) one.leave();
});
afterAll(async () => {
  await at.close();
  await world.close();
});

describe('a view', () => {
  it('is of the first person unless one is named, by id or by name', async () => {
    const first = (await look()).now();
    expect(first).toMatchObject({
      me: idOf('ana'),
      guild: 'Homelab',
      bot: { name: 'Sentinel', online: true },
    });
    expect((await look('ben')).now().me).toBe(idOf('ben'));
    expect((await look(idOf('dora'))).now().me).toBe(idOf('dora'));
    expect(first.people.map(({ name }) => name)).toEqual(['ana', 'ben', 'dora']);
    expect(first.channels.map(({ name, parent }) => [name, parent])).toContainEqual(['deployments', null]);
    expect(first.commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['deploy', 'plan', 'status']),
    );
    expect(first.names.users[idOf('ben')]).toBe('ben');
  });

  it('shows an ephemeral answer, with the command it answers, to the one who asked and to nobody else', async () => {
    const [ana, ben] = [await look('ana'), await look('ben')];
    const channel = channelOf(ana.now());
    await does(at.page, {
      as: idOf('ana'),
      do: 'command',
      channel,
      name: 'plan',
      options: { service: 'web' },
    });
    const plan = await ana.sees(
      ({ messages }) => messages.find(({ ephemeral, loading }) => ephemeral && !loading),
      'the plan',
    );
    expect(plan.command).toEqual({ name: 'plan', by: 'ana' });
    expect(plan.author).toMatchObject({ name: 'Sentinel', bot: true });
    expect(ana.views.some(({ messages }) => messages.some(({ loading }) => loading))).toBe(true);
    expect(ben.views.flatMap(({ messages }) => messages).map(({ id }) => id)).not.toContain(plan.id);

    await expect(
      does(at.page, { as: idOf('ben'), do: 'click', message: plan.id, button: 'x' }),
    ).rejects.toThrow('404');
    await expect(does(at.page, { as: idOf('ben'), do: 'dismiss', id: plan.id })).rejects.toThrow('409');
    await does(at.page, { as: idOf('ana'), do: 'dismiss', id: plan.id });
    await ana.sees(({ messages }) => messages.every(({ id }) => id !== plan.id), 'the plan to be gone');
  });

  it('has no channel its reader may not see, nor what is said there', async () => {
    const { discord } = at.house();
    const secret = discord.channel('cellar');
    secret.overwrites = [{ id: idOf('dora'), type: 1, allow: 0n, deny: 1n << 10n }];
    const [ana, dora] = [await look('ana'), await look('dora')];
    await does(at.page, { as: idOf('ana'), do: 'say', channel: secret.id, text: 'the wine is gone' });
    await ana.sees(
      ({ messages }) => messages.find(({ content }) => content === 'the wine is gone'),
      'the news',
    );
    await does(at.page, {
      as: idOf('ana'),
      do: 'say',
      channel: channelOf(ana.now()),
      text: `hello <@${idOf('dora')}>`,
    });
    const hello = await dora.sees(
      ({ messages }) => messages.find(({ content }) => content.startsWith('hello')),
      'the greeting',
    );
    expect(hello.callsMe).toBe(true);
    expect(ana.now().messages.find(({ id }) => id === hello.id)?.callsMe).toBe(false);
    expect(JSON.stringify(dora.views)).not.toMatch(/cellar|wine/);
    const said = await post(at.page, '/api/do', {
      as: idOf('dora'),
      do: 'say',
      channel: secret.id,
      text: 'hic',
    });
    expect(said.status).toBe(404);
  });

  it('is not sent again while nothing changes, although the homelab is looked at', async () => {
    const ana = await look('ana');
    await ana.sees(({ systems }) => systems.length > 0, 'the systems');
    const [views, looks] = [ana.views.length, at.systems.looks];
    await eventually(() => at.systems.looks >= looks + 3, 'three more looks', 10_000);
    expect(ana.views.length).toBe(views);
    at.systems.rows = [{ key: 'web', text: 'web', detail: null, tone: 'good' }];
    await ana.sees(({ systems }) => systems[0]?.rows[0]?.text === 'web', 'the new row');
  });
});

describe('the homelab', () => {
  it('is looked at only while somebody watches, and once at a time', async () => {
    const ana = await look('ana');
    let release = (): void => undefined;
    at.systems.hold = new Promise<void>((resolve) => (release = resolve));
    const before = at.systems.looks;
    await eventually(() => at.systems.looks > before, 'a look that hangs', 10_000);
    (await look('ben')).leave();
    ana.leave();
    const again = await look('ana');
    release();
    at.systems.hold = Promise.resolve();
    const looks = at.systems.looks;
    await eventually(() => at.systems.looks > looks, 'the next look', 10_000);
    expect(at.systems.atOnce).toBe(1);
    again.leave();
    // Twice as long as between two looks.
    await eventually(() => Date.now() - at.systems.lastLook > 1000, 'the looks to end', 10_000);
  });

  it('can be broken by a switch, and says why when it cannot', async () => {
    const ana = await look('ana');
    await does(at.page, { as: idOf('ana'), do: 'switch', id: 'dns', on: true });
    await ana.sees(({ switches }) => switches[0]?.on, 'the switch');
    const again = await post(at.page, '/api/do', { as: idOf('ana'), do: 'switch', id: 'dns', on: true });
    expect([again.status, again.body]).toEqual([409, '{"error":"It is broken already."}']);
    await does(at.page, { as: idOf('ana'), do: 'switch', id: 'dns', on: false });
    expect(at.systems.turned).toEqual(['dns on', 'dns off']);
    const unknown = await post(at.page, '/api/do', { as: idOf('ana'), do: 'switch', id: 'sun', on: true });
    expect(unknown.status).toBe(404);
  });
});

describe('a deployment', () => {
  it('is refused by form, asked again and approved by a second person, and told in its thread', async () => {
    const [ana, ben] = [await look('ana'), await look('ben')];
    const channel = channelOf(ana.now());
    const request = async (): Promise<MessageView> => {
      const known = ben.now().messages.map(({ id }) => id);
      await does(at.page, {
        as: idOf('ana'),
        do: 'command',
        channel,
        name: 'deploy',
        options: { service: 'web' },
      });
      return ben.sees((view) => {
        const card = withButton(view, 'Approve');
        return card === undefined || known.includes(card.id) ? null : card;
      }, 'a request for approval');
    };
    const card = await request();
    const reject = {
      as: idOf('ben'),
      do: 'click',
      message: card.id,
      button: buttonOf(card, 'Reject')!,
    } as const;

    await does(at.page, reject);
    const first = await ben.sees(({ dialog }) => dialog, 'the form');
    expect(ana.now().dialog).toBe(null);
    const theft = await post(at.page, '/api/do', {
      ...{ as: idOf('ana'), do: 'submit', interaction: first.interaction, values: {} },
    });
    expect(theft.status).toBe(409);
    await does(at.page, { as: idOf('ben'), do: 'close', interaction: first.interaction });
    await ben.sees(({ dialog }) => dialog === null, 'the form to close');

    await does(at.page, reject);
    const form = await ben.sees(({ dialog }) => dialog, 'the form again');
    expect(form.interaction).not.toBe(first.interaction);
    const field = /"custom_id":"([^"]+)"/.exec(JSON.stringify(form.components))?.[1] ?? '';
    const wrong = await post(at.page, '/api/do', {
      ...{ as: idOf('ben'), do: 'submit', interaction: form.interaction, values: { [field]: '' } },
    });
    expect([wrong.status, wrong.body]).toEqual([409, expect.stringContaining('at least 1 characters')]);
    expect(ben.now().dialog?.interaction).toBe(form.interaction);
    await does(at.page, {
      ...{ as: idOf('ben'), do: 'submit', interaction: form.interaction, values: { [field]: 'not tonight' } },
    });
    await ben.sees(({ dialog }) => dialog === null, 'the form to be sent');
    await ana.sees(({ messages }) => JSON.stringify(messages).includes('not tonight'), 'the reason');

    const next = await request();
    const approve = buttonOf(next, 'Approve')!;
    await does(at.page, { as: idOf('ben'), do: 'click', message: next.id, button: approve });
    const story = await ana.sees(
      ({ messages }) =>
        messages.find(
          ({ embeds, thread }) => embeds[0]?.title?.endsWith('· succeeded') === true && thread !== null,
        ),
      'the end of the deployment',
    );
    expect(story.thread?.messages).toBeGreaterThan(0);
    const thread = ana.now().channels.find(({ id }) => id === story.thread?.id);
    expect(thread).toMatchObject({ parent: channel, name: story.thread?.name });
    const times = ana.now().messages.map(({ at: time }) => time);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});

describe('suggestions', () => {
  it('are the bot’s for what is typed now', async () => {
    const channel = channelOf((await look('ana')).now());
    const query = { as: idOf('ana'), channel, command: 'plan', focused: 'service' };
    const { status, body } = await post(at.page, '/api/suggest', { ...query, options: { service: 'we' } });
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual([expect.objectContaining({ value: 'web' })]);
    const none = await post(at.page, '/api/suggest', { ...query, focused: 'moon', options: { moon: '' } });
    expect(none.status).toBe(409);
  });
});

describe('an attachment', () => {
  const upload = async (files: Readonly<Record<string, string>>): Promise<MessageView> => {
    const { discord } = at.house();
    const ana = await look('ana');
    const body = new FormData();
    const attachments = Object.keys(files).map((filename, id) => ({ id, filename }));
    body.set('payload_json', JSON.stringify({ content: 'files', attachments }));
    for (const [index, [name, text]] of Object.entries(files).entries())
      body.set(`files[${index}]`, new Blob([text]), name);
    await fetch(`${discord.api}/v10/channels/${channelOf(ana.now())}/messages`, {
      ...{ method: 'POST', body, headers: { authorization: `Bot ${discord.token}` } },
    });
    return ana.sees(
      ({ messages }) => messages.find(({ attachments: { length } }) => length > 0),
      'the files',
    );
  };

  it('is shown when it is an image or plain text, and only handed over when it could act', async () => {
    const message = await upload({
      'plan.diff': '+ web:2\n',
      'page.html': '<script>1</script>',
      'a b.svg': '<svg/>',
    });
    const [diff, html, svg] = message.attachments;
    expect(diff).toMatchObject({ name: 'plan.diff', type: 'text/plain; charset=utf-8', size: 8 });
    const shown = await ask(at.page, { path: diff!.url });
    expect([shown.status, shown.body]).toEqual([200, '+ web:2\n']);
    expect(shown.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    });
    expect(shown.headers['content-disposition']).toMatch(/^inline/);
    for (const each of [html!, svg!]) {
      const given = await ask(at.page, { path: each.url });
      expect(given.headers['content-type']).toBe('application/octet-stream');
      expect(given.headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''/);
    }
    expect((await ask(at.page, { path: `/attachments/${message.id}/0/plan.diff` })).status).toBe(200);
    expect((await ask(at.page, { path: `/attachments/${message.id}/9/x` })).status).toBe(404);
  });
});

describe('the page’s server', () => {
  const say = (): Record<string, unknown> => ({
    ...{ as: idOf('ana'), do: 'say', text: 'hello' },
    channel: at.house().discord.channel('deployments').id,
  });
  const json = { 'content-type': 'application/json' };
  const sent = async (headers: Readonly<Record<string, string>>, body = JSON.stringify(say())) => {
    const { status, body: answer } = await ask(at.page, {
      ...{ path: '/api/do', method: 'POST' },
      headers,
      body,
    });
    return { status, error: status === 204 ? null : (JSON.parse(answer) as { error: string }).error };
  };

  it('takes nothing from another site or another name', async () => {
    const port = new URL(at.page.url).port;
    const before = at.house().discord.state.messages.size;
    expect(await sent({ ...json, host: `evil.example:${port}` })).toMatchObject({ status: 403 });
    expect(await sent({ ...json, host: 'localhost.evil.example' })).toMatchObject({ status: 403 });
    expect(await sent({ ...json, origin: 'https://evil.example' })).toMatchObject({ status: 403 });
    expect(await sent({ ...json, origin: 'null' })).toMatchObject({ status: 403 });
    expect(await sent({ ...json, origin: 'http://127.0.0.1:1' })).toMatchObject({ status: 403 });
    expect(await sent({ 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    const view = await ask(at.page, { path: '/api/view', headers: { origin: 'https://evil.example' } });
    expect(view.status).toBe(403);
    const page = await ask(at.page, { path: '/', headers: { host: 'evil.example' } });
    expect(page.status).toBe(403);
    expect(at.house().discord.state.messages.size).toBe(before);
    expect(await sent({ ...json, host: `localhost:${port}`, origin: `http://localhost:${port}` })).toEqual({
      ...{ status: 204, error: null },
    });
  });

  it('says in a sentence what is wrong with what it was sent', async () => {
    const refused = (value: unknown) => sent(json, JSON.stringify(value));
    expect(await sent(json, '{"as":')).toEqual({ status: 400, error: 'This is not JSON.' });
    expect(await refused([])).toMatchObject({ status: 400 });
    expect(await refused({ ...say(), do: 'fly' })).toMatchObject({ status: 400 });
    expect(await refused({ ...say(), text: 7 })).toMatchObject({ status: 400 });
    expect(await refused({ ...say(), text: 'x'.repeat(2001) })).toMatchObject({ status: 400 });
    expect(await refused({ ...say(), do: 'command', name: 'plan', options: { service: {} } })).toMatchObject({
      status: 400,
    });
    expect(await refused({ ...say(), text: 'x'.repeat(70_000) })).toMatchObject({ status: 413 });
    expect(await refused({ ...say(), as: 'mallory' })).toMatchObject({ status: 404 });
    expect(await refused({ ...say(), as: 'cleo' })).toMatchObject({ status: 404 });
    expect(await refused({ ...say(), do: 'command', name: 'fly', options: {} })).toMatchObject({
      ...{ status: 409, error: 'There is no command /fly.' },
    });
    const { id } = at
      .house()
      .channel()
      .find(({ visibleTo }) => visibleTo === null)!;
    expect(await refused({ as: 'ana', do: 'click', message: id, button: 'nope' })).toMatchObject({
      status: 409,
    });
    expect((await ask(at.page, { path: '/api/view?as=mallory' })).status).toBe(404);
    expect((await ask(at.page, { path: '/api/do' })).status).toBe(405);
    expect(at.logged).toEqual([]);
  });

  it('counts what comes in pieces, too', async () => {
    const headers = { ...json, 'transfer-encoding': 'chunked' };
    expect(await sent(headers, JSON.stringify({ ...say(), text: 'x'.repeat(70_000) }))).toMatchObject({
      status: 413,
    });
  });

  it('serves the page so that nothing of other places is loaded, and its parts once', async () => {
    const page = await ask(at.page, { path: '/' });
    expect(page.body).toContain('<title>');
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(page.headers['content-security-policy']).not.toMatch(/https?:|script-src|\*/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    const part = await ask(at.page, { path: '/assets/main-1a2b.js' });
    expect(part.headers['cache-control']).toContain('immutable');
    expect((await ask(at.page, { path: '/../page-house.ts' })).status).toBe(404);
  });

  it('says so when it was not built, before a lab is opened for nothing', async () => {
    const open = () => Promise.reject(new Error('opened'));
    await expect(startPage({ port: 0, open, client: '/nowhere' })).rejects.toThrow('not built yet');
  });

  it('says so when its port is taken, before a lab is opened for nothing', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const open = () => Promise.reject(new Error('opened'));
    await expect(startPage({ port, open })).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
    await new Promise((resolve) => other.close(resolve));
  });
});

describe('a bot that does not answer', () => {
  it('is told of after three seconds, until the notice is dismissed; its suggestions fail', async () => {
    const { discord, bot } = at.house();
    await bot().stop();
    const [ana, ben] = [await look('ana'), await look('ben')];
    await ana.sees((view) => !view.bot.online, 'the bot to be offline');
    const channel = channelOf(ana.now());
    await does(at.page, {
      as: idOf('ana'),
      do: 'command',
      channel,
      name: 'plan',
      options: { service: 'web' },
    });
    const query = {
      as: idOf('ana'),
      channel,
      command: 'plan',
      focused: 'service',
      options: { service: 'w' },
    };
    const suggested = post(at.page, '/api/suggest', query);
    await discord.waitFor(() => [...discord.state.interactions.values()].at(-1)?.kind === 'autocomplete');
    expect(ana.now().notices).toEqual([]);
    discord.clock.advance(3100);
    const notice = await ana.sees(({ notices }) => notices[0], 'the notice');
    expect(notice).toMatchObject({ channel, text: 'The application did not respond' });
    expect(ben.now().notices).toEqual([]);
    expect(await suggested).toMatchObject({ status: 409, body: '{"error":"Loading options failed."}' });
    await does(at.page, { as: idOf('ana'), do: 'dismiss', id: notice.id });
    await ana.sees(({ notices }) => notices.length === 0, 'the notice to be gone');
  });
});

describe('a reset', () => {
  it('begins another life once, for every open page, and refuses deeds meanwhile', async () => {
    const ana = await look('ana');
    const before = ana.now();
    const old = idOf('ana');
    const resets = [at.page.reset(), does(at.page, { as: old, do: 'reset' })];
    const meanwhile = await post(at.page, '/api/do', {
      ...{ as: old, do: 'say', channel: channelOf(before), text: 'anybody?' },
    });
    expect([meanwhile.status, meanwhile.body]).toEqual([503, '{"error":"The lab begins anew."}']);
    await ana.sees(({ bot, life }) => life === before.life && !bot.online, 'the bot to be offline');
    await Promise.all(resets);
    const after = await ana.sees((view) => (view.life === before.life ? null : view), 'the new life');
    expect(at.lives()).toBe(2);
    expect(after).toMatchObject({ me: idOf('ana'), dialog: null, notices: [] });
    expect(after.messages.filter(({ content }) => content === 'hello')).toEqual([]);
    expect((await look(old)).now().me).toBe(idOf('ana'));
  });
});

describe('closing', () => {
  it('ends every stream and leaves nothing open', async () => {
    const ana = await look('ana');
    await at.page.close();
    await eventually(ana.ended, 'the stream to end');
    await expect(ask(at.page, { path: '/' })).rejects.toThrow('ECONNREFUSED');
  });
});
