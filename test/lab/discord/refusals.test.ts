import { Routes, type DiscordAPIError } from 'discord.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usualLimits } from '../../../lab/discord/index.ts';
import { startBot, type Bot } from './bot.ts';

let bot: Bot;
beforeAll(async () => {
  const loose = { limit: 1000, windowMs: 1000 };
  bot = await startBot({
    lab: { contract: false, limits: { routes: {}, otherRoutes: loose, global: loose } },
  });
});
afterAll(() => bot.stop());

/** What the answer to a message says is wrong, as `path CODE`, or the bare code. */
async function refusalOf(send: Promise<unknown>): Promise<readonly string[]> {
  const error = await send.then(
    () => null,
    (reason: unknown) => reason as DiscordAPIError,
  );
  if (error === null) return [];
  const places = 'errors' in error.rawError ? flatten(error.rawError.errors, []) : [];
  return places.length > 0 ? places : [String(error.code)];
}
function flatten(node: unknown, path: readonly string[]): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '_errors'
      ? (value as readonly { code: string }[]).map(({ code }) => `${path.join('.')} ${code}`.trim())
      : flatten(value, [...path, key]),
  );
}

const post = (body: object) =>
  bot.client.rest.post(Routes.channelMessages(bot.lab.channel('general').id), { body });
const refused = (body: object) => refusalOf(post(body));
const row = (...components: object[]) => ({ components: [{ type: 1, components }] });
const button = (id: string, more: object = {}) => ({ type: 2, style: 1, label: id, custom_id: id, ...more });

describe('the lab refuses messages as Discord does', () => {
  it.each<[string, object, string]>([
    ['no content at all', {}, '50006'],
    ['2,001 characters', { content: 'x'.repeat(2001) }, 'content BASE_TYPE_MAX_LENGTH'],
    ['an embed without anything', { embeds: [{ color: 1 }] }, 'embeds.0 BASE_TYPE_REQUIRED'],
    ['a long title', { embeds: [{ title: 'x'.repeat(257) }] }, 'embeds.0.title BASE_TYPE_MAX_LENGTH'],
    [
      'a long description',
      { embeds: [{ description: 'x'.repeat(4097) }] },
      'embeds.0.description BASE_TYPE_MAX_LENGTH',
    ],
    [
      'an empty field value',
      { embeds: [{ fields: [{ name: 'a', value: ' ' }] }] },
      'embeds.0.fields.0.value BASE_TYPE_REQUIRED',
    ],
    [
      'a long field value',
      { embeds: [{ fields: [{ name: 'a', value: 'x'.repeat(1025) }] }] },
      'embeds.0.fields.0.value BASE_TYPE_MAX_LENGTH',
    ],
    [
      '26 fields',
      { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'a', value: 'b' })) }] },
      'embeds.0.fields BASE_TYPE_BAD_LENGTH',
    ],
    [
      'more than 6,000 characters over all embeds',
      { embeds: [{ description: 'x'.repeat(3001) }, { description: 'x'.repeat(3000) }] },
      'embeds MAX_EMBED_SIZE_EXCEEDED',
    ],
    [
      '11 embeds',
      { embeds: Array.from({ length: 11 }, () => ({ title: 'a' })) },
      'embeds BASE_TYPE_BAD_LENGTH',
    ],
    [
      'a script as address',
      { embeds: [{ title: 'a', url: 'javascript:1' }] },
      'embeds.0.url URL_TYPE_INVALID_SCHEME',
    ],
    [
      'six buttons in a row',
      row(...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => button(id))),
      'components.0.components BASE_TYPE_BAD_LENGTH',
    ],
    [
      'one custom_id twice',
      row(button('a'), button('a')),
      'components.0.components.1.custom_id COMPONENT_CUSTOM_ID_DUPLICATED',
    ],
    [
      'a button without custom_id',
      row({ type: 2, style: 1, label: 'a' }),
      'components.0.components.0.custom_id BASE_TYPE_REQUIRED',
    ],
    [
      'a link with custom_id',
      row(button('a', { style: 5, url: 'https://example.org' })),
      'components.0.components.0 BUTTON_COMPONENT_CUSTOM_ID_FORBIDDEN',
    ],
    [
      'a long label',
      row(button('a', { label: 'x'.repeat(81) })),
      'components.0.components.0.label BASE_TYPE_MAX_LENGTH',
    ],
    ['a button outside a row', { components: [button('a')] }, 'components.0.type UNION_TYPE_CHOICES'],
    [
      'a select beside a button',
      row(button('a'), { type: 3, custom_id: 's', options: [{ label: 'a', value: 'a' }] }),
      'components.0.components COMPONENT_LAYOUT_WIDTH_EXCEEDED',
    ],
    [
      'six rows',
      { components: ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => ({ type: 1, components: [button(id)] })) },
      'components BASE_TYPE_BAD_LENGTH',
    ],
    [
      'V2 components without the flag',
      { components: [{ type: 10, content: 'text' }] },
      'components.0.type UNION_TYPE_CHOICES',
    ],
    [
      'content beside V2 components',
      { flags: 1 << 15, content: 'text', components: [{ type: 10, content: 'text' }] },
      'content MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2',
    ],
    ['a nonce of 26 characters', { content: 'x', nonce: 'n'.repeat(26) }, 'nonce BASE_TYPE_MAX_LENGTH'],
    [
      'a mention allowed in two ways',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'allowed_mentions MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
  ])('%s', async (_, body, expected) => {
    const before = bot.lab.state.messages.size;
    expect(await refused(body)).toContain(expected);
    expect(bot.lab.state.messages.size).toBe(before);
  });

  it('takes what is exactly at the limits', async () => {
    const fields = Array.from({ length: 25 }, () => ({ name: 'a', value: 'b' }));
    expect(
      await refused({ content: 'x'.repeat(2000), embeds: [{ title: 'x'.repeat(256), fields }] }),
    ).toEqual([]);
    expect(
      await refused({ embeds: [{ description: 'x'.repeat(3000) }, { description: 'x'.repeat(3000) }] }),
    ).toEqual([]);
    expect(
      await refused({ content: 'x', ...row(...['a', 'b', 'c', 'd', 'e'].map((id) => button(id))) }),
    ).toEqual([]);
  });
});

describe('the lab refuses commands as Discord does', () => {
  const register = (...commands: object[]) =>
    refusalOf(
      bot.client.rest.put(
        Routes.applicationGuildCommands(bot.client.application.id, bot.lab.state.guild.id),
        {
          body: commands,
        },
      ),
    );
  const option = (more: object) => ({ type: 3, name: 'o', description: 'd', ...more });

  it.each<[string, object, string]>([
    ['an upper-case name', { name: 'Deploy', description: 'd' }, '0.name APPLICATION_COMMAND_INVALID_NAME'],
    ['no description', { name: 'deploy' }, '0.description BASE_TYPE_REQUIRED'],
    [
      'a required option after an optional one',
      { name: 'a', description: 'd', options: [option({}), option({ name: 'p', required: true })] },
      '0.options.1 APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
    ],
    [
      'choices beside autocomplete',
      {
        name: 'a',
        description: 'd',
        options: [option({ autocomplete: true, choices: [{ name: 'x', value: 'x' }] })],
      },
      '0.options.0 APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE',
    ],
    [
      '26 choices',
      {
        name: 'a',
        description: 'd',
        options: [
          option({ choices: Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` })) }),
        ],
      },
      '0.options.0.choices BASE_TYPE_BAD_LENGTH',
    ],
  ])('%s', async (_, command, expected) => {
    expect(await register(command)).toContain(expected);
    expect([...bot.lab.state.commands.values()].map(({ name }) => name)).toEqual(['deploy', 'audit']);
  });

  it('refuses the same name twice', async () => {
    const twin = { name: 'a', description: 'd' };
    expect(await register(twin, twin)).toContain('1.name APPLICATION_COMMANDS_DUPLICATE_NAME');
  });

  it('keeps the id of a command that is registered again', async () => {
    const ids = () => [...bot.lab.state.commands.values()].map(({ name, id }) => `${name} ${id}`);
    const before = ids();
    const { commands } = await import('./bot.ts');
    expect(await register(...commands)).toEqual([]);
    expect(ids()).toEqual(before);
  });
});

describe('the lab refuses answers as Discord does', () => {
  /** Sends a callback for a fresh command and tells what was wrong with it. */
  async function answer(body: object, kind: 'command' | 'autocomplete' = 'command') {
    const ana = bot.lab.user('ana');
    let result: readonly string[] | undefined;
    bot.on(async (interaction) => {
      const path = Routes.interactionCallback(interaction.id, interaction.token);
      result = await refusalOf(bot.client.rest.post(path, { auth: false, body }));
    });
    if (kind === 'command') await ana.command('deploy', { service: 'web' });
    else void ana.autocomplete('deploy', { service: 'w' }).catch(() => undefined);
    await expect.poll(() => result).toBeDefined();
    return result;
  }
  const modal = (components: object[], title = 'Why?') => ({
    type: 9,
    data: { custom_id: 'm', title, components },
  });
  const input = (id: string) => ({ type: 18, label: id, component: { type: 4, custom_id: id, style: 1 } });

  it.each<[string, object, string]>([
    [
      'an update of no message',
      { type: 7, data: { content: 'x' } },
      'type INTERACTION_CALLBACK_TYPE_INVALID',
    ],
    [
      'suggestions for a command',
      { type: 8, data: { choices: [] } },
      'type INTERACTION_CALLBACK_TYPE_INVALID',
    ],
    ['no type', { data: {} }, 'type BASE_TYPE_REQUIRED'],
    ['an empty message', { type: 4, data: {} }, '50006'],
    ['V2 in a deferred reply', { type: 5, data: { flags: 1 << 15 } }, 'data.flags MESSAGE_FLAGS_INVALID'],
    [
      'a long embed title',
      { type: 4, data: { embeds: [{ title: 'x'.repeat(257) }] } },
      'data.embeds.0.title BASE_TYPE_MAX_LENGTH',
    ],
    ['a long modal title', modal([input('a')], 'x'.repeat(46)), 'data.title BASE_TYPE_BAD_LENGTH'],
    [
      'six fields in a modal',
      modal(['a', 'b', 'c', 'd', 'e', 'f'].map(input)),
      'data.components BASE_TYPE_BAD_LENGTH',
    ],
    ['a button in a modal', modal([button('a')]), 'data.components.0.type UNION_TYPE_CHOICES'],
  ])('%s', async (_, body, expected) => {
    expect(await answer(body)).toContain(expected);
  });

  it('26 suggestions', async () => {
    const choices = Array.from({ length: 26 }, (_, i) => ({ name: `${i}`, value: `${i}` }));
    expect(await answer({ type: 8, data: { choices } }, 'autocomplete')).toContain(
      'data.choices BASE_TYPE_BAD_LENGTH',
    );
  });

  it('leaves the interaction open after a refused answer', async () => {
    let seen = '';
    bot.on(async (interaction) => {
      if (!interaction.isChatInputCommand()) return;
      await interaction.reply('').catch(() => undefined);
      await interaction.reply('second try');
      seen = interaction.id;
    });
    const reply = await (await bot.lab.user('ana').command('deploy', { service: 'web' })).reply();
    expect(reply.content).toBe('second try');
    await expect.poll(() => seen).not.toBe('');
  });
});

it('has limits a test can loosen one by one', () => {
  expect(usualLimits.global.limit).toBe(50);
});
