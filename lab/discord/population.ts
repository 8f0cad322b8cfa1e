import type { PermissionsString } from 'discord.js';
import type { LabClock } from './clock.ts';
import { bits, EVERYONE } from './permissions.ts';
import type { DiscordState, LabChannel, LabRole, LabUser, LabWebhook } from './state.ts';
import { toChannel, toMember, toRole } from './wire.ts';
import { GUILDS, type World } from './world.ts';

/** Who and what is in the guild; everything is made on first mention of its name. */
export interface Population {
  readonly state: DiscordState;
  role(world: World, name: string, permissions: readonly PermissionsString[]): LabRole;
  channel(world: World, name: string): LabChannel;
  /** Without `roles` a known user keeps theirs. */
  user(world: World, name: string, roles?: readonly string[]): LabUser;
  denyBot(world: World, channel: string, permissions: readonly PermissionsString[]): void;
  webhook(world: World, channel: string, name: string): LabWebhook;
  /** By name or id; the first text channel when nothing is named. */
  findChannel(nameOrId?: string): LabChannel;
}

export interface Settlers {
  readonly guild?: string;
  readonly botName?: string;
  readonly roles?: readonly string[];
  readonly channels?: readonly string[];
}

export function createPopulation(newId: () => string, clock: LabClock, settlers: Settlers): Population {
  const state = emptyState(newId, settlers);
  const { guild } = state;

  const makeRole = (name: string, permissions: readonly PermissionsString[]): LabRole => {
    const role = {
      id: newId(),
      name,
      permissions: bits(permissions),
      mentionable: true,
      position: state.roles.size,
    };
    state.roles.set(role.id, role);
    return role;
  };
  const makeChannel = (name: string): LabChannel => {
    const channel: LabChannel = {
      id: newId(),
      name,
      type: 0,
      parentId: null,
      ownerId: guild.ownerId,
      createdAt: clock.now(),
      overwrites: [],
      thread: null,
    };
    state.channels.set(channel.id, channel);
    return channel;
  };
  const roleNamed = (name: string) => [...state.roles.values()].find((role) => role.name === name);
  const channelNamed = (name: string) =>
    [...state.channels.values()].find((each) => each.name === name && each.thread === null);

  for (const name of settlers.roles ?? []) makeRole(name, []);
  for (const name of settlers.channels ?? ['general']) makeChannel(name);

  const role: Population['role'] = (world, name, permissions) => {
    const old = roleNamed(name);
    const made = old ?? makeRole(name, permissions);
    if (old !== undefined && permissions.length > 0) old.permissions = bits(permissions);
    const event = old === undefined ? 'GUILD_ROLE_CREATE' : 'GUILD_ROLE_UPDATE';
    if (old === undefined || permissions.length > 0)
      world.dispatch(event, { guild_id: guild.id, role: toRole(made) }, GUILDS);
    world.changed();
    return made;
  };

  return {
    state,
    role,
    channel(world, name) {
      const old = channelNamed(name);
      if (old !== undefined) return old;
      const made = makeChannel(name);
      world.dispatch('CHANNEL_CREATE', toChannel(world, made), GUILDS);
      return made;
    },
    user(world, name, roles) {
      const wanted = roles?.map((each) => (roleNamed(each) ?? role(world, each, [])).id);
      const old = [...state.users.values()].find((user) => user.name === name);
      const user = old ?? { id: newId(), name, bot: false, roles: [] };
      user.roles = wanted ?? user.roles;
      state.users.set(user.id, user);
      world.dispatch('GUILD_MEMBER_UPDATE', { ...toMember(user), guild_id: guild.id }, 1 << 1);
      return user;
    },
    denyBot(world, name, permissions) {
      const channel = channelNamed(name);
      if (channel === undefined) throw new Error(`there is no channel #${name}`);
      const others = channel.overwrites.filter(({ id }) => id !== state.botId);
      const own = { id: state.botId, type: 1, allow: 0n, deny: bits(permissions) } as const;
      channel.overwrites = permissions.length === 0 ? others : [...others, own];
      world.dispatch('CHANNEL_UPDATE', toChannel(world, channel), GUILDS);
    },
    webhook(world, channel, name) {
      const id = newId();
      // Whoever posts is shown as a user with the webhook's own id.
      state.users.set(id, { id, name, bot: true, roles: [] });
      const webhook = { id, token: `lab-webhook-${newId()}`, channelId: this.channel(world, channel).id };
      state.webhooks.set(id, webhook);
      return webhook;
    },
    findChannel(name) {
      const [first] = state.channels.values();
      const found = name === undefined ? first : (state.channels.get(name) ?? channelNamed(name));
      if (found === undefined) throw new Error(`there is no channel ${name ?? 'at all'}`);
      return found;
    },
  };
}

function emptyState(newId: () => string, settlers: Settlers): DiscordState {
  const owner: LabUser = { id: newId(), name: 'owner', bot: false, roles: [] };
  const bot: LabUser = { id: newId(), name: settlers.botName ?? 'Sentinel', bot: true, roles: [] };
  const guild = { id: newId(), name: settlers.guild ?? 'homelab', ownerId: owner.id };
  const everyone: LabRole = {
    id: guild.id,
    name: '@everyone',
    permissions: EVERYONE,
    mentionable: false,
    position: 0,
  };
  return {
    guild,
    applicationId: bot.id,
    botId: bot.id,
    users: new Map([owner, bot].map((user) => [user.id, user])),
    roles: new Map([[everyone.id, everyone]]),
    channels: new Map(),
    messages: new Map(),
    deleted: new Map(),
    interactions: new Map(),
    commands: new Map(),
    webhooks: new Map(),
    requests: [],
    rateLimited: [],
    unknownRoutes: [],
  };
}
