import type { LabChannel, LabCommand, LabRole, LabUser } from './state.ts';
import type { World } from './world.ts';

/* Records → the JSON Discord sends. */

export function toUser({ id, name, bot }: LabUser) {
  return {
    id,
    username: name,
    global_name: null,
    avatar: null,
    discriminator: bot ? '0001' : '0',
    public_flags: 0,
    flags: 0,
    bot,
    banner: null,
    accent_color: null,
    avatar_decoration_data: null,
    collectibles: null,
    primary_guild: null,
  };
}

export function toMember(user: LabUser) {
  return {
    user: toUser(user),
    nick: null,
    avatar: null,
    banner: null,
    roles: user.roles,
    joined_at: '2024-01-01T00:00:00.000000+00:00',
    premium_since: null,
    communication_disabled_until: null,
    pending: false,
    mute: false,
    deaf: false,
    flags: 0,
  };
}

export function toRole(role: LabRole) {
  return {
    id: role.id,
    name: role.name,
    permissions: String(role.permissions),
    mentionable: role.mentionable,
    position: role.position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    managed: false,
    icon: null,
    unicode_emoji: null,
    flags: 0,
  };
}

export function isArchived(world: World, channel: LabChannel): boolean {
  const { thread } = channel;
  if (thread === null) return false;
  return thread.archived || world.clock.now() - thread.lastActiveAt >= thread.autoArchiveMinutes * 60_000;
}

export function toChannel(world: World, channel: LabChannel) {
  const { id, name, type, parentId } = channel;
  const common = { id, name, type, flags: 0, guild_id: world.state.guild.id, rate_limit_per_user: 0 };
  const inside = [...world.state.messages.values()].filter((message) => message.channelId === id);
  const last_message_id = inside.at(-1)?.id ?? null;
  if (channel.thread === null) {
    const permission_overwrites = channel.overwrites.map((overwrite) => ({
      ...overwrite,
      allow: String(overwrite.allow),
      deny: String(overwrite.deny),
    }));
    return {
      ...common,
      last_message_id,
      parent_id: null,
      position: 0,
      nsfw: false,
      topic: null,
      permission_overwrites,
    };
  }
  return {
    ...common,
    last_message_id,
    parent_id: parentId,
    owner_id: channel.ownerId,
    message_count: Math.min(inside.length, 50),
    member_count: 1,
    total_message_sent: inside.length,
    thread_metadata: {
      archived: isArchived(world, channel),
      archive_timestamp: iso(channel.thread.lastActiveAt),
      auto_archive_duration: channel.thread.autoArchiveMinutes,
      locked: channel.thread.locked,
      create_timestamp: iso(channel.createdAt),
    },
  };
}

export function toGuild(world: World) {
  const { state } = world;
  const channels = [...state.channels.values()];
  const bot = state.users.get(state.botId);
  return {
    ...toRestGuild(world),
    joined_at: '2024-01-01T00:00:00.000000+00:00',
    large: false,
    unavailable: false,
    member_count: state.users.size,
    members: bot === undefined ? [] : [toMember(bot)],
    channels: channels.filter(({ thread }) => thread === null).map((channel) => toChannel(world, channel)),
    threads: channels
      .filter((channel) => channel.thread !== null && !isArchived(world, channel))
      .map((channel) => toChannel(world, channel)),
    presences: [],
    voice_states: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function toRestGuild({ state }: World) {
  return {
    id: state.guild.id,
    name: state.guild.name,
    owner_id: state.guild.ownerId,
    icon: null,
    description: null,
    home_header: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    features: [],
    region: 'us-west',
    afk_channel_id: null,
    afk_timeout: 300,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    widget_enabled: false,
    widget_channel_id: null,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    mfa_level: 0,
    nsfw: false,
    nsfw_level: 0,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: 'en-US',
    vanity_url_code: null,
    incidents_data: null,
    max_members: 500_000,
    max_presences: null,
    max_stage_video_channel_users: 50,
    max_video_channel_users: 25,
    roles: [...state.roles.values()].map(toRole),
    emojis: [],
    stickers: [],
  };
}

export function toCommand({ state }: World, command: LabCommand) {
  return {
    contexts: null,
    integration_types: [0],
    dm_permission: true,
    nsfw: false,
    options: [],
    ...command.definition,
    id: command.id,
    application_id: state.applicationId,
    version: command.version,
    ...(command.guildId === null ? {} : { guild_id: command.guildId }),
    type: command.type,
    default_member_permissions: command.defaultMemberPermissions,
  };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}
