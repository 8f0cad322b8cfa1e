import { PermissionFlagsBits, type Client, type PermissionsString } from 'discord.js';

const needed: readonly PermissionsString[] = [
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'CreatePublicThreads',
  'SendMessagesInThreads',
];

/** What the bot lacks in its channel, in words for the person who set it up; null when nothing. */
export async function missingPermissions(client: Client, channelId: string): Promise<string | null> {
  const channel = await client.channels.fetch(channelId).catch(() => null);
  if (!channel || channel.isDMBased() || !channel.isTextBased())
    return `The bot cannot see the notifications channel ${channelId}, or it is not a text channel.`;
  const me = channel.guild.members.me ?? (await channel.guild.members.fetchMe());
  const granted = channel.permissionsFor(me);
  const missing = needed.filter((name) => !granted.has(PermissionFlagsBits[name]));
  if (missing.length === 0) return null;
  const readable = missing.map((name) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' '));
  return `The bot lacks in #${channel.name}: ${readable.join(', ')}.`;
}
