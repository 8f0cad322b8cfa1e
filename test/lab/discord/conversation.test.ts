import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  MessageFlags,
  ModalBuilder,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
  LabelBuilder,
} from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { ClientRefusal } from '../../../lab/discord/index.ts';
import { card, startBot, type Bot } from './bot.ts';

let bot: Bot;
afterEach(() => bot.stop());

const buttons = () =>
  new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder().setCustomId('approve:1').setLabel('Approve').setStyle(ButtonStyle.Success),
    new ButtonBuilder().setCustomId('reject:1').setLabel('Reject').setStyle(ButtonStyle.Danger),
  );

describe('a conversation with the real discord.js client', () => {
  it('logs in, caches the guild and registers its commands', async () => {
    bot = await startBot();
    expect(bot.client.isReady()).toBe(true);
    expect(bot.client.guilds.cache.get(bot.lab.state.guild.id)?.name).toBe('homelab');
    expect([...bot.lab.state.commands.values()].map(({ name }) => name)).toEqual(['deploy', 'audit']);
  });

  it('shows a deferred reply to the person once it is filled', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply();
      await interaction.editReply({
        embeds: [card(`plan ${interaction.options.getString('service', true)}`)],
        components: [buttons()],
      });
    });
    const ana = bot.lab.user('ana', { roles: ['deployers'] });
    const handle = await ana.command('deploy', { service: 'grafana', version: '10.3.0' });
    const reply = await handle.reply();
    expect(reply.embeds[0]?.title).toBe('plan grafana');
    expect(ana.sees().map(({ id }) => id)).toContain(reply.id);
  });

  it('suggests while the person types', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (!interaction.isAutocomplete()) return;
      const typed = interaction.options.getFocused();
      await interaction.respond(
        ['grafana', 'gitea'].filter((name) => name.startsWith(typed)).map((name) => ({ name, value: name })),
      );
    });
    const choices = await bot.lab.user('ana').autocomplete('deploy', { service: 'gra' });
    expect(choices).toEqual([{ name: 'grafana', value: 'grafana' }]);
    // One for every key that is pressed: none is kept.
    expect(bot.lab.state.interactions.size).toBe(0);
  });

  it('carries a click to the bot and the update back into the same message', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'sure?', components: [buttons()] });
      if (interaction.isButton())
        await interaction.update({ content: `approved by ${interaction.user.username}`, components: [] });
    });
    const ana = bot.lab.user('ana');
    const reply = await (await ana.command('deploy', { service: 'grafana' })).reply();
    const after = await (await bot.lab.user('bo').click(reply, 'Approve')).reply();
    expect(after.id).toBe(reply.id);
    expect(after.content).toBe('approved by bo');
    expect(after.edits.map(({ content }) => content)).toEqual(['sure?']);
    await expect(ana.click(reply, 'Approve')).rejects.toThrow(ClientRefusal);
  });

  it('opens a modal from a button and takes the typed text back', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'sure?', components: [buttons()] });
      if (interaction.isButton())
        await interaction.showModal(
          new ModalBuilder()
            .setCustomId('why:1')
            .setTitle('Reject')
            .addLabelComponents(
              new LabelBuilder()
                .setLabel('Reason')
                .setTextInputComponent(
                  new TextInputBuilder().setCustomId('reason').setStyle(TextInputStyle.Paragraph),
                ),
            ),
        );
      if (interaction.isModalSubmit() && interaction.isFromMessage())
        await interaction.update({
          content: `rejected: ${interaction.fields.getTextInputValue('reason')}`,
          components: [],
        });
    });
    const ana = bot.lab.user('ana');
    const reply = await (await ana.command('deploy', { service: 'grafana' })).reply();
    const modal = await (await ana.click(reply, 'reject:1')).modal();
    await expect(modal.submit({ reason: '' })).rejects.toThrow(ClientRefusal);
    const after = await (await modal.submit({ Reason: 'not on a Friday' })).reply();
    expect(after.id).toBe(reply.id);
    expect(after.content).toBe('rejected: not on a Friday');
  });

  it('hands the chosen values of a select to the bot and fills a deferred update', async () => {
    bot = await startBot();
    const options = ['v1', 'v2'].map((value) => ({ label: `release ${value}`, value }));
    const menu = new StringSelectMenuBuilder()
      .setCustomId('release')
      .setPlaceholder('Which release?')
      .addOptions(options);
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({
          components: [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(menu)],
        });
      if (!interaction.isStringSelectMenu()) return;
      await interaction.deferUpdate();
      await interaction.editReply({ content: `back to ${interaction.values.join()}`, components: [] });
    });
    const ana = bot.lab.user('ana');
    const question = await (await ana.command('deploy', { service: 'web' })).reply();
    await expect(ana.choose(question, 'release', ['v9'])).rejects.toThrow('no option "v9"');
    await expect(ana.choose(question, 'release', ['v1', 'v2'])).rejects.toThrow('between 1 and 1');
    const answer = await (await ana.choose(question, 'Which release?', ['release v2'])).reply();
    expect(answer.id).toBe(question.id);
    expect(answer.content).toBe('back to v2');
  });

  it('lets nobody press what is disabled, a link, missing or hidden from them', async () => {
    bot = await startBot();
    const [approve] = buttons().components;
    const link = new ButtonBuilder().setLabel('Log').setStyle(ButtonStyle.Link).setURL('https://example.org');
    const row = new ActionRowBuilder<ButtonBuilder>().addComponents(approve!.setDisabled(true), link);
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ components: [row], flags: MessageFlags.Ephemeral });
    });
    const ana = bot.lab.user('ana');
    const reply = await (await ana.command('deploy', { service: 'web' })).reply();
    await expect(ana.click(reply, 'Approve')).rejects.toThrow('disabled');
    await expect(ana.click(reply, 'Log')).rejects.toThrow('is a link');
    await expect(ana.click(reply, 'Abort')).rejects.toThrow('no button "Abort"; there is: Approve, Log');
    await expect(bot.lab.user('bo').click(reply, 'Approve')).rejects.toThrow('bo cannot see this message');
  });

  it('keeps commands from people who lack the permission they ask for', async () => {
    bot = await startBot();
    await bot.client.application.commands.set(
      [{ name: 'purge', description: 'Removes', defaultMemberPermissions: 'ManageGuild' }],
      bot.lab.state.guild.id,
    );
    bot.lab.role('admins', ['Administrator']);
    await expect(bot.lab.user('ana').command('purge')).rejects.toThrow('ana cannot see /purge');
    const { interaction } = await bot.lab.user('root', { roles: ['admins'] }).command('purge');
    expect(interaction.name).toBe('purge');
  });

  it('tells the bot the roles and permissions of whoever asks', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply(
          interaction.member.roles.cache
            .map(({ name }) => name)
            .toSorted()
            .join(),
        );
    });
    const ana = bot.lab.user('ana', { roles: ['approvers', 'deployers'] });
    expect((await (await ana.command('audit verify')).reply()).content).toBe('@everyone,approvers,deployers');
  });

  it('never lets the Components V2 flag go once a message has it', async () => {
    bot = await startBot();
    const components = [new TextDisplayBuilder().setContent('plan')];
    const message = await bot.channel().send({ components, flags: MessageFlags.IsComponentsV2 });
    await expect(message.edit({ content: 'old style' })).rejects.toMatchObject({ code: 50035 });
    await message.edit({ components: [new TextDisplayBuilder().setContent('done')] });
    expect(bot.lab.state.messages.get(message.id)?.components[0]?.content).toBe('done');
  });
});
