import { AttachmentBuilder, Events, MessageFlags, ThreadAutoArchiveDuration } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { NoResponse } from '../../../lab/discord/index.ts';
import { startBot, type Bot } from './bot.ts';

let bot: Bot;
afterEach(() => bot.stop());

const once = (event: Events) => new Promise((resolve) => bot.client.once(event as string, resolve));
/** The client allows one IDENTIFY in five seconds; tests need not wait for that. */
const noSpacing = {
  ws: { buildIdentifyThrottler: () => Promise.resolve({ waitForIdentify: () => Promise.resolve() }) },
};

describe('messages', () => {
  it('keeps every state of a message that is edited in place', async () => {
    bot = await startBot();
    const message = await bot.channel('deployments').send('pulling');
    await message.edit('starting');
    await message.edit({ content: 'healthy' });
    const kept = bot.lab.state.messages.get(message.id);
    expect(kept?.content).toBe('healthy');
    expect(kept?.edits.map(({ content }) => content)).toEqual(['pulling', 'starting']);
  });

  it('keeps the bytes of an uploaded file and serves them at the address it gives out', async () => {
    bot = await startBot();
    const files = [
      new AttachmentBuilder(Buffer.from('+ image: web:2\n'), { name: 'plan.diff', description: 'the diff' }),
    ];
    const message = await bot.channel().send({ content: 'too long', files });
    const kept = bot.lab.state.messages.get(message.id)?.attachments[0];
    expect(kept?.bytes.toString()).toBe('+ image: web:2\n');
    expect(kept?.description).toBe('the diff');
    const url = message.attachments.first()?.url ?? '';
    expect(await (await fetch(url)).text()).toBe('+ image: web:2\n');
    await message.edit({ content: 'short', attachments: [] });
    expect(bot.lab.state.messages.get(message.id)?.attachments).toEqual([]);
  });

  it('opens a thread whose id is the id of its message, once', async () => {
    bot = await startBot();
    const message = await bot.channel('deployments').send('deployment 7');
    const thread = await message.startThread({
      name: 'deployment 7',
      autoArchiveDuration: ThreadAutoArchiveDuration.OneHour,
    });
    expect(thread.id).toBe(message.id);
    await thread.send('pulled web:2');
    expect(
      bot.lab
        .user('ana')
        .sees(thread.id)
        .map(({ content }) => content),
    ).toEqual(['pulled web:2']);
    await expect(message.startThread({ name: 'again' })).rejects.toMatchObject({ code: 160004 });
  });

  it('archives a quiet thread, refuses edits in it, and brings it back when something is sent', async () => {
    bot = await startBot();
    const message = await bot.channel().send('deployment 8');
    const thread = await message.startThread({
      name: 'deployment 8',
      autoArchiveDuration: ThreadAutoArchiveDuration.OneHour,
    });
    const line = await thread.send('pulled');
    bot.lab.clock.advance(60 * 60_000);
    await expect(line.edit('pulled web:2')).rejects.toMatchObject({ code: 50083 });
    await thread.send('late news');
    await line.edit('pulled web:2');
    expect(bot.lab.state.messages.get(line.id)?.content).toBe('pulled web:2');
  });

  it('posts once for one enforced nonce, also when the answer was lost', async () => {
    bot = await startBot();
    bot.lab.faults.next({
      method: 'POST',
      path: '/channels/{channel_id}/messages',
      status: 500,
      afterEffect: true,
    });
    await bot.channel().send({ content: 'started', nonce: 'run-7-started', enforceNonce: true });
    expect(
      bot.lab
        .user('ana')
        .sees()
        .map(({ content }) => content),
    ).toEqual(['started']);
    await bot.channel().send({ content: 'started', nonce: 'run-7-started', enforceNonce: true });
    expect(bot.lab.user('ana').sees()).toHaveLength(1);
    bot.lab.clock.advance(10 * 60_000);
    await bot.channel().send({ content: 'started', nonce: 'run-7-started', enforceNonce: true });
    expect(bot.lab.user('ana').sees()).toHaveLength(2);
  });

  it('notifies only whom the message allows, and nobody by an edit', async () => {
    bot = await startBot();
    const approvers = bot.lab.role('approvers').id;
    const ana = bot.lab.user('ana');
    const content = `<@&${approvers}> <@${ana.id}> please look`;
    const ping = async (allowedMentions: object) => {
      const message = await bot.channel().send({ content, allowedMentions });
      return bot.lab.state.messages.get(message.id)?.pinged;
    };
    expect(await ping({ parse: [] })).toEqual([]);
    expect(await ping({ roles: [approvers] })).toEqual([approvers]);
    expect(await ping({ parse: ['users', 'roles'] })).toEqual([ana.id, approvers]);
    const quiet = await bot.channel().send('nothing');
    await quiet.edit(content);
    expect(bot.lab.state.messages.get(quiet.id)?.pinged).toEqual([]);
  });
});

describe('interactions', () => {
  it('shows an ephemeral answer to nobody else and not through the channel', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'only you', flags: MessageFlags.Ephemeral });
    });
    const ana = bot.lab.user('ana');
    const reply = await (await ana.command('deploy', { service: 'web' })).reply();
    expect(ana.sees()).toHaveLength(1);
    expect(bot.lab.user('bo').sees()).toHaveLength(0);
    await expect(
      bot.client.rest.get(`/channels/${reply.channelId}/messages/${reply.id}`),
    ).rejects.toMatchObject({ code: 10008 });
  });

  it('takes one first answer, within three seconds', async () => {
    bot = await startBot();
    const codes: unknown[] = [];
    bot.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      const path = `/interactions/${interaction.id}/${interaction.token}/callback` as const;
      const answer = () => bot.client.rest.post(path, { auth: false, body: { type: 5 } });
      if (interaction.options.getString('service') === 'late') bot.lab.clock.advance(3100);
      else await answer();
      await answer().catch((error: unknown) => codes.push((error as { code: number }).code));
    });
    const ana = bot.lab.user('ana');
    await (await ana.command('deploy', { service: 'web' })).acknowledged();
    await expect.poll(() => codes).toEqual([40060]);
    await expect((await ana.command('deploy', { service: 'late' })).reply()).rejects.toThrow(NoResponse);
    await expect.poll(() => codes).toEqual([40060, 10062]);
  });

  it('lets the token die after fifteen minutes while a channel message can still be edited', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.reply('started');
      const card = await bot.channel('deployments').send('0 %');
      bot.lab.clock.advance(15 * 60_000 + 1);
      await expect(interaction.editReply('done')).rejects.toMatchObject({ code: 50027 });
      await card.edit('100 %');
    });
    const ana = bot.lab.user('ana');
    await ana.command('deploy', { service: 'web' });
    await bot.lab.waitFor(() => ana.sees('deployments').some(({ content }) => content === '100 %'));
    expect(bot.errors).toEqual([]);
  });

  it('tells the person when nobody answers', async () => {
    bot = await startBot();
    const handle = await bot.lab.user('ana').command('deploy', { service: 'web' });
    bot.lab.clock.advance(3001);
    await expect(handle.reply()).rejects.toThrow('did not respond');
  });

  it('refuses what the client of a person would not send', async () => {
    bot = await startBot();
    const ana = bot.lab.user('ana');
    await expect(ana.command('deploy')).rejects.toThrow('service is required');
    await expect(ana.command('deploy', { service: 'web', replicas: 6 })).rejects.toThrow('at most 5');
    await expect(ana.command('deploy', { service: 'web', replicas: 'two' })).rejects.toThrow(
      'wants a number',
    );
    await expect(ana.command('deploy', { service: 'web', environment: 'moon' })).rejects.toThrow(
      'none of production, staging',
    );
    await expect(ana.command('deploy', { service: 'web', colour: 'red' })).rejects.toThrow(
      'no option colour',
    );
    await expect(ana.command('undeploy')).rejects.toThrow('no command /undeploy');
    await expect(ana.command('audit')).rejects.toThrow('needs a sub-command: verify');
    expect(bot.lab.state.interactions.size).toBe(0);
  });

  it('names the sub-command to the bot', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply(interaction.options.getSubcommand());
    });
    expect((await (await bot.lab.user('ana').command('audit verify')).reply()).content).toBe('verify');
  });
});

describe('the gateway', () => {
  it('delivers a click made during a drop after the client resumes', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply('here again');
    });
    bot.lab.gateway.drop();
    const handle = await bot.lab.user('ana').command('deploy', { service: 'web' });
    expect((await handle.reply()).content).toBe('here again');
    expect([bot.lab.gateway.identifies, bot.lab.gateway.resumes]).toEqual([1, 1]);
  });

  it('asks for a reconnect that resumes', async () => {
    bot = await startBot();
    const resumed = once(Events.ShardResume);
    bot.lab.gateway.reconnect();
    await resumed;
    expect(bot.lab.gateway.identifies).toBe(1);
  });

  it('makes the client start a new session when the old one is forgotten', async () => {
    bot = await startBot({ client: noSpacing });
    const ready = once(Events.ShardReady);
    bot.lab.gateway.drop({ resume: false });
    await ready;
    expect(bot.lab.gateway.identifies).toBe(2);
  });

  it('goes down and comes back on the same port', async () => {
    bot = await startBot({ client: noSpacing });
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand()) await interaction.reply('back');
    });
    const ready = once(Events.ShardReady);
    const refused = new Promise<void>((resolve) =>
      bot.client.on(Events.Debug, (line) => {
        if (line.includes('network error')) resolve();
      }),
    );
    await bot.lab.goDown();
    await expect(bot.channel().send('into the void')).rejects.toThrow('ECONNREFUSED');
    await refused;
    await bot.lab.comeBack();
    await ready;
    const handle = await bot.lab.user('ana').command('deploy', { service: 'web' });
    expect((await handle.reply()).content).toBe('back');
  });

  it('reveals a half-dead connection by leaving heartbeats unanswered', async () => {
    bot = await startBot({ lab: { heartbeatMs: 100 } });
    const resumed = once(Events.ShardResume);
    bot.lab.gateway.muteAcks(true);
    await bot.lab.waitFor(() => !bot.lab.botOnline());
    bot.lab.gateway.muteAcks(false);
    await resumed;
    expect(bot.lab.botOnline()).toBe(true);
  });

  it('can deliver the same interaction twice', async () => {
    bot = await startBot();
    const seen: string[] = [];
    bot.on((interaction) => {
      seen.push(interaction.id);
      return Promise.resolve();
    });
    bot.lab.gateway.duplicateNext();
    const { interaction } = await bot.lab.user('ana').command('deploy', { service: 'web' });
    await expect.poll(() => seen).toEqual([interaction.id, interaction.id]);
  });

  it('turns away a wrong token', async () => {
    bot = await startBot();
    const { Client } = await import('discord.js');
    const stranger = new Client({ intents: [1], rest: { api: bot.lab.api } });
    await expect(stranger.login('not.the.token')).rejects.toMatchObject({ code: 'TokenInvalid' });
    await stranger.destroy();
  });
});
