import {
  DiscordAPIError,
  PermissionFlagsBits,
  type Client,
  type GuildTextBasedChannel,
  type PermissionsString,
} from 'discord.js';
import { StartError } from './start-error.ts';

/** What the bot has to be allowed in its channel: the list the invite asks for, the start checks, and the doctor. */
export const neededPermissions: readonly PermissionsString[] = [
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'CreatePublicThreads',
  'SendMessagesInThreads',
];

/** All of them as Discord counts permissions. */
export const permissionInteger = neededPermissions.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);

/** `SendMessagesInThreads` → `Send Messages In Threads` */
export function permissionWords(name: PermissionsString): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
}

/** Unknown channel, unknown guild, missing access. */
const notThere: readonly unknown[] = [10_003, 10_004, 50_001];

/** The notifications channel. Throws StartError when it cannot be the right one, null when Discord did not say. */
export async function findChannel(
  client: Client,
  at: { readonly guild: string; readonly channel: string },
): Promise<GuildTextBasedChannel | null> {
  const wrong = (what: string): StartError =>
    new StartError(`${what} Invite the bot there and let it see the channel, or correct discord.channel.`);
  try {
    const channel = await client.channels.fetch(at.channel);
    if (!channel) return null;
    if (channel.isDMBased() || !channel.isTextBased())
      throw wrong(`The channel ${at.channel} is not a text channel of a server.`);
    if (channel.guildId !== at.guild)
      throw wrong(`The channel ${at.channel} is not in the guild ${at.guild}.`);
    return channel;
  } catch (error) {
    if (error instanceof DiscordAPIError && notThere.includes(error.code))
      throw wrong(`There is no channel ${at.channel} the bot can see.`);
    if (error instanceof StartError) throw error;
    return null;
  }
}

/** What the bot lacks in its channel, in words for the person who set it up; null when nothing. */
export async function missingPermissions(channel: GuildTextBasedChannel): Promise<string | null> {
  const me = channel.guild.members.me ?? (await channel.guild.members.fetchMe());
  const granted = channel.permissionsFor(me);
  const missing = neededPermissions.filter((name) => !granted.has(PermissionFlagsBits[name]));
  if (missing.length === 0) return null;
  return `The bot lacks in #${channel.name}: ${missing.map(permissionWords).join(', ')}.`;
}

/** Which of these roles a message of the bot calls nobody of, and what to do about it; null when all are called. */
export async function unmentionable(
  channel: GuildTextBasedChannel,
  roles: readonly string[],
): Promise<string | null> {
  const me = channel.guild.members.me ?? (await channel.guild.members.fetchMe());
  const known = channel.guild.roles.cache;
  const gone = [...new Set(roles)].filter((id) => !known.has(id));
  const silent = channel.permissionsFor(me).has(PermissionFlagsBits.MentionEveryone)
    ? []
    : [...known.values()].filter(({ id, mentionable }) => roles.includes(id) && !mentionable);
  const said = [
    gone.length > 0 ? `The guild has no role ${gone.join(', ')}, which bot.yml names.` : '',
    silent.length > 0
      ? `Requests for approval notify nobody of ${silent.map(({ name }) => `@${name}`).join(', ')}: allow everybody to mention the role, or give the bot the permission Mention Everyone in #${channel.name}.`
      : '',
  ].filter((line) => line !== '');
  return said.length > 0 ? said.join(' ') : null;
}
