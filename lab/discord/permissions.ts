import { PermissionFlagsBits, type PermissionsString } from 'discord.js';
import { refuse } from './api-error.ts';
import type { DiscordState, LabChannel, LabUser } from './state.ts';
import type { World } from './world.ts';

export const ALL = Object.values(PermissionFlagsBits).reduce((all, bit) => all | bit, 0n);

/** What a member gets without any role. */
export const EVERYONE = bits([
  'ViewChannel',
  'SendMessages',
  'SendMessagesInThreads',
  'CreatePublicThreads',
  'ReadMessageHistory',
  'EmbedLinks',
  'AttachFiles',
  'AddReactions',
  'UseApplicationCommands',
]);

export function bits(names: readonly PermissionsString[]): bigint {
  return names.reduce((sum, name) => sum | PermissionFlagsBits[name], 0n);
}

/** Roles first, then the overwrites of the channel (a thread's are its parent's), as Discord documents it. */
export function permissionsOf(state: DiscordState, user: LabUser, channel: LabChannel): bigint {
  if (user.id === state.guild.ownerId) return ALL;
  const roles = [state.guild.id, ...user.roles];
  const base = roles.reduce((sum, id) => sum | (state.roles.get(id)?.permissions ?? 0n), 0n);
  if ((base & PermissionFlagsBits.Administrator) !== 0n) return ALL;

  const home = channel.thread === null ? channel : state.channels.get(channel.parentId ?? '');
  const overwrites = home?.overwrites ?? [];
  const everyone = overwrites.filter(({ id }) => id === state.guild.id);
  const ofRoles = overwrites.filter(({ id }) => user.roles.includes(id));
  const own = overwrites.filter(({ id, type }) => type === 1 && id === user.id);
  return [everyone, ofRoles, own].reduce((held, level) => {
    const deny = level.reduce((sum, overwrite) => sum | overwrite.deny, 0n);
    const allow = level.reduce((sum, overwrite) => sum | overwrite.allow, 0n);
    return (held & ~deny) | allow;
  }, base);
}

export function may(world: World, userId: string, channel: LabChannel, names: readonly PermissionsString[]) {
  const user = world.state.users.get(userId);
  const wanted = bits(names);
  return user !== undefined && (permissionsOf(world.state, user, channel) & wanted) === wanted;
}

/** Throws 50001 when the bot cannot see the channel, 50013 when it lacks one of the permissions. */
export function requireBot(world: World, channel: LabChannel, names: readonly PermissionsString[]): void {
  if (!may(world, world.state.botId, channel, ['ViewChannel'])) throw refuse('missingAccess');
  if (!may(world, world.state.botId, channel, names)) throw refuse('missingPermissions');
}
