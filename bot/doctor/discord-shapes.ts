import { ChannelType, PermissionFlagsBits } from 'discord.js';
import { isRecord } from '../../engine/index.ts';

/** A guild as the bot sees it. */
export interface SeenGuild {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly roles: readonly SeenRole[];
  readonly me: SeenMember;
}
interface SeenRole {
  readonly id: string;
  readonly name: string;
  readonly permissions: bigint;
  readonly mentionable: boolean;
}
export interface SeenMember {
  readonly id: string;
  readonly roles: readonly string[];
}
export interface SeenChannel {
  readonly name: string;
  readonly guild: string | null;
  readonly isText: boolean;
  readonly overwrites: readonly { readonly id: string; readonly allow: bigint; readonly deny: bigint }[];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const recordsIn = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
const bitsOf = (value: unknown): bigint => (/^\d+$/.test(textOf(value)) ? BigInt(textOf(value)) : 0n);

export const idOf = (body: unknown): string => (isRecord(body) ? textOf(body['id']) : '');
export const namesIn = (body: unknown): readonly string[] => recordsIn(body).map(({ name }) => textOf(name));

export function memberOf(body: unknown, id: string): SeenMember {
  const roles = isRecord(body) && Array.isArray(body['roles']) ? body['roles'].map(textOf) : [];
  return { id, roles };
}

export function guildOf(body: unknown, me: SeenMember): SeenGuild {
  const guild = isRecord(body) ? body : {};
  return {
    ...{ id: textOf(guild['id']), name: textOf(guild['name']), owner: textOf(guild['owner_id']), me },
    roles: recordsIn(guild['roles']).map(({ id, name, permissions, mentionable }) => ({
      ...{ id: textOf(id), name: textOf(name), permissions: bitsOf(permissions) },
      mentionable: mentionable === true,
    })),
  };
}

export function channelOf(body: unknown): SeenChannel {
  const channel = isRecord(body) ? body : {};
  const { type, name, guild_id: guild } = channel;
  return {
    ...{ name: textOf(name), guild: typeof guild === 'string' ? guild : null },
    isText: type === ChannelType.GuildText || type === ChannelType.GuildAnnouncement,
    overwrites: recordsIn(channel['permission_overwrites']).map(({ id, allow, deny }) => ({
      ...{ id: textOf(id), allow: bitsOf(allow), deny: bitsOf(deny) },
    })),
  };
}

const everything = (1n << 64n) - 1n;

/** The bot's permissions in a channel: its roles, then what the channel says of everyone, of the roles, of the bot. */
export function grantedIn({ id, owner, roles, me }: SeenGuild, { overwrites }: SeenChannel): bigint {
  if (owner === me.id) return everything;
  const held = roles.filter((role) => role.id === id || me.roles.includes(role.id));
  const base = held.reduce((sum, { permissions }) => sum | permissions, 0n);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return everything;
  const levels = [
    overwrites.filter((each) => each.id === id),
    overwrites.filter((each) => me.roles.includes(each.id)),
    overwrites.filter((each) => each.id === me.id),
  ];
  return levels.reduce((granted, level) => {
    const deny = level.reduce((sum, each) => sum | each.deny, 0n);
    const allow = level.reduce((sum, each) => sum | each.allow, 0n);
    return (granted & ~deny) | allow;
  }, base);
}
