import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  ModalBuilder,
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
});
