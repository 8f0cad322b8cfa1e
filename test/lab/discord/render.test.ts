import { MessageFlags } from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { renderMessage } from '../../../lab/discord/index.ts';
import { strip, widthOf, wrap } from '../../../lab/discord/render/width.ts';
import { startBot, type Bot } from './bot.ts';

let bot: Bot | undefined;
afterEach(async () => {
  await bot?.stop();
  bot = undefined;
});

async function sent(body: object) {
  bot = await startBot({ lab: { contract: false } });
  const { id } = await bot.channel().send(body);
  return bot.lab.state.messages.get(id)!;
}
const link = { type: 2, style: 5, label: 'Log', url: 'https://example.org' };
const card = {
  content: 'Please look, <@&0>',
  embeds: [
    {
      title: 'Deploy grafana',
      description: '**1 container** changes, started <t:1700000000:R>\n```diff\n-web:1\n+web:2\n```',
      color: 0x2ecc71,
      fields: [
        { name: 'Host', value: 'media', inline: true },
        { name: 'Commit', value: '`abc123`', inline: true },
        { name: 'Risk', value: 'none' },
      ],
      footer: { text: 'plan 7f3a' },
    },
  ],
  components: [
    {
      type: 1,
      components: [
        { type: 2, style: 3, label: 'Approve', custom_id: 'a' },
        { type: 2, style: 4, label: 'Reject', custom_id: 'b', disabled: true },
        link,
      ],
    },
  ],
};

describe('a message in a terminal', () => {
  it('leaves a moment that time does not have as it was typed', async () => {
    const message = await sent({ content: 'until <t:99999999999999:R>' });
    expect(renderMessage(message, { width: 60, now: 0, state: bot!.lab.state })).toContain(
      'until <t:99999999999999:R>',
    );
  });

  it('shows everything a person would see, without colours where there are none', async () => {
    const message = await sent(card);
    const text = renderMessage(message, { width: 60, now: 1_700_000_180_000, state: bot!.lab.state });
    expect(text.split('\n').slice(1)).toEqual([
      'Please look, @0',
      '┃ Deploy grafana',
      '┃',
      '┃ 1 container changes, started 3 minutes ago',
      '┃   │ -web:1',
      '┃   │ +web:2',
      '┃',
      '┃ Host                          Commit',
      '┃ media                         `abc123`',
      '┃',
      '┃ Risk',
      '┃ none',
      '┃',
      '┃ plan 7f3a',
      '[Approve] (Reject) [Log ↗]',
    ]);
    expect(text.split('\n')[0]).toMatch(/^Sentinel \[APP\] \d\d:\d\d$/);
  });

  it('paints the stripe in the colour of the embed', async () => {
    const text = renderMessage(await sent(card), { colour: true });
    expect(text).toContain('\u001b[38;2;46;204;113m┃');
    expect(strip(text)).not.toContain('\u001b');
  });

  it('never writes beyond the width it is given', async () => {
    const long = {
      ...card,
      content: `${'word '.repeat(40)}${'x'.repeat(90)} ✅ 🚀 日本語`,
      embeds: [{ ...card.embeds[0], description: 'y'.repeat(200) }],
    };
    for (const colour of [false, true])
      for (const line of renderMessage(await sent(long), { width: 40, colour }).split('\n'))
        expect(widthOf(line)).toBeLessThanOrEqual(40);
  });

  it('breaks lines at spaces and counts emoji as two columns', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('abcdefghij', 4)).toEqual(['abcd', 'efgh', 'ij']);
    expect(widthOf('🚀ok')).toBe(4);
  });

  it('says what only one person sees, and who asked', async () => {
    bot = await startBot();
    bot.on(async (interaction) => {
      if (interaction.isChatInputCommand())
        await interaction.reply({ content: 'denied', flags: MessageFlags.Ephemeral });
    });
    const reply = await (await bot.lab.user('ana').command('deploy', { service: 'web' })).reply();
    const text = renderMessage(reply, { state: bot.lab.state });
    expect(text).toContain('ana used /deploy');
    expect(text).toContain('Only you can see this');
  });
});
