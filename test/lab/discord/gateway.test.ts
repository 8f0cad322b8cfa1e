import { Client, Events } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { startDiscord, type DiscordLab } from '../../../lab/discord/index.ts';
import { login } from './bot.ts';

let lab: DiscordLab;
afterEach(() => lab.close());

/** Says one thing after HELLO and tells with which code the connection ends. */
async function closeCode(packet: (lab: DiscordLab) => unknown): Promise<number> {
  lab = await startDiscord();
  const socket = new WebSocket(lab.api.replace('http', 'ws'));
  socket.once('message', () => {
    const said = packet(lab);
    socket.send(typeof said === 'string' ? said : JSON.stringify(said));
  });
  return new Promise((resolve) => socket.once('close', resolve));
}
const identify = (d: object) => ({ op: 2, d });

describe('the gateway turns away', () => {
  it('a wrong token', async () => {
    expect(await closeCode(() => identify({ token: 'wrong', intents: 1 }))).toBe(4004);
  });
  it('an intent that was not granted', async () => {
    expect(await closeCode(({ token }) => identify({ token, intents: 1 << 15 }))).toBe(4014);
  });
  it('an intent that does not exist', async () => {
    expect(await closeCode(({ token }) => identify({ token, intents: 2 ** 30 }))).toBe(4013);
  });
  it('a second shard', async () => {
    expect(await closeCode(({ token }) => identify({ token, intents: 1, shard: [1, 2] }))).toBe(4010);
  });
  it('whoever speaks before saying who they are', async () => {
    expect(await closeCode(() => ({ op: 3, d: {} }))).toBe(4003);
  });
  it('what is not JSON', async () => {
    expect(await closeCode(() => 'hello?')).toBe(4002);
  });
});

describe('a session', () => {
  it('is invalidated on request, after which the client starts a new one', async () => {
    lab = await startDiscord();
    const throttler = { waitForIdentify: () => Promise.resolve() };
    const client = await login(lab, { ws: { buildIdentifyThrottler: () => Promise.resolve(throttler) } });
    const ready = new Promise((resolve) => client.once(Events.ShardReady, resolve));
    lab.gateway.invalidate();
    await ready;
    expect(lab.gateway.identifies).toBe(2);
    await client.destroy();
  });

  it('does not start when the connection is refused by an HTTP error', async () => {
    lab = await startDiscord();
    lab.gateway.refuseNext(503);
    const client = new Client({ intents: [1], rest: { api: lab.api } });
    await expect(client.login(lab.token)).rejects.toThrow('503');
    await client.destroy();
    expect(lab.gateway.identifies).toBe(0);
  });

  it('hears of roles and channels made after it began', async () => {
    lab = await startDiscord();
    const client = await login(lab);
    const role = lab.role('night shift', ['ManageThreads']);
    const channel = lab.channel('incidents');
    await expect.poll(() => client.channels.cache.has(channel.id)).toBe(true);
    const cached = client.guilds.cache.get(lab.state.guild.id)?.roles.cache.get(role.id);
    expect(cached?.permissions.has('ManageThreads')).toBe(true);
    await client.destroy();
  });

  it('delivers each interaction to every session of the token, as with two processes', async () => {
    lab = await startDiscord();
    const clients = [await login(lab), await login(lab)];
    const seen: string[] = [];
    for (const client of clients) client.on(Events.InteractionCreate, ({ id }) => seen.push(id));
    await clients[0]!.application.commands.set([{ name: 'status', description: 'Everything' }]);
    const { interaction } = await lab.user('ana').command('status');
    await expect.poll(() => seen).toEqual([interaction.id, interaction.id]);
    await Promise.all(clients.map((client) => client.destroy()));
  });
});
