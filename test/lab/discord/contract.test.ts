import { existsSync } from 'node:fs';
import { MessageFlags, Routes } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { usualSpecPath } from '../../../lab/contract/spec.ts';
import { startBot } from './bot.ts';

const here = existsSync(usualSpecPath());
if (!here)
  console.warn(
    'SKIPPED: Discord\u2019s OpenAPI description is not beside the checkout; nothing was compared.',
  );

describe.skipIf(!here)('the comparison with Discord\u2019s official description', () => {
  it('finds nothing to complain about in a whole conversation, answers included', async () => {
    const bot = await startBot();
    bot.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.deferReply({ flags: MessageFlags.Ephemeral });
      await interaction.editReply('see below');
      await interaction.followUp({ content: 'and here', flags: MessageFlags.Ephemeral });
    });
    const handle = await bot.lab.user('ana').command('deploy', { service: 'web' });
    await handle.followUp();
    const card = await bot.channel().send({ embeds: [{ title: 'a', fields: [{ name: 'b', value: 'c' }] }] });
    await (await card.startThread({ name: 'log' })).send('line');
    await bot.client.rest.get(Routes.user());
    await bot.client.rest.get(Routes.guild(bot.lab.state.guild.id));
    await bot.client.rest.get(Routes.guildRoles(bot.lab.state.guild.id));
    await bot.client.rest.get(Routes.guildChannels(bot.lab.state.guild.id));
    await bot.client.rest.get(Routes.guildMember(bot.lab.state.guild.id, bot.lab.state.botId));
    await bot.client.rest.get(Routes.guildActiveThreads(bot.lab.state.guild.id));
    await bot.client.rest.get('/applications/@me');
    await bot.client.rest.get(Routes.channelMessages(card.channelId), {
      query: new URLSearchParams({ limit: '5' }),
    });
    await bot.client.rest.get(Routes.channel(card.channelId));
    await card.react('👍');
    expect(bot.lab.contract.checked).toBeGreaterThan(15);
    expect(bot.lab.contract.violations).toEqual([]);
    await bot.stop();
  });

  it.each<[string, object, RegExp]>([
    [
      'a misspelt key',
      { content: 'x', embed: [] },
      /request: \/embed is not a key Discord knows; did you mean embeds\?/,
    ],
    [
      'a misspelt key deep inside',
      { embeds: [{ title: 'x', colour: 1 }] },
      /\/embeds\/0\/colour .* did you mean color\?/,
    ],
    [
      'a misspelt key of a button',
      {
        content: 'x',
        components: [
          { type: 1, components: [{ type: 2, style: 1, label: 'a', custom_id: 'a', disable: true }] },
        ],
      },
      /\/components\/0\/components\/0\/disable .* did you mean disabled\?/,
    ],
    ['a wrong type', { content: 'x', tts: 'yes' }, /request: \/tts must be boolean/],
    [
      'a colour out of range',
      { embeds: [{ title: 'x', color: 0x1000000 }] },
      /\/embeds\/0\/color must be <= 16777215/,
    ],
  ])('names %s, and the lab does not close in silence', async (_, body, expected) => {
    const bot = await startBot();
    const path = Routes.channelMessages(bot.lab.channel('general').id);
    await bot.client.rest.post(path, { body }).catch(() => undefined);
    await expect(bot.stop()).rejects.toThrow(expected);
  });

  it('knows the parameters of an address', async () => {
    const bot = await startBot();
    const path = Routes.channelMessages(bot.lab.channel('general').id);
    await bot.client.rest.get(path, { query: new URLSearchParams({ limt: '5' }) });
    await expect(bot.stop()).rejects.toThrow('query: unknown parameter limt');
  });
});

it('works without the description', async () => {
  const bot = await startBot({ lab: { contract: '/nowhere/discord.openapi.json' } });
  await bot.channel().send('x');
  expect(bot.lab.contract.available).toBe(false);
  await bot.stop();
});
