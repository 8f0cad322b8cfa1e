import { PermissionFlagsBits } from 'discord.js';
import {
  permissionsOf,
  type DiscordState,
  type LabChannel,
  type LabMessage,
  type LabUser,
} from '../discord/index.ts';

/** What one person can see of a guild, as Discord would show it to them. */
export interface Sight {
  readonly state: DiscordState;
  readonly user: LabUser;
  readonly channel: (channel: LabChannel | undefined) => boolean;
  readonly message: (message: LabMessage) => boolean;
}

export function sightOf(state: DiscordState, user: LabUser): Sight {
  const { ViewChannel, ReadMessageHistory, ManageThreads } = PermissionFlagsBits;
  const holds = (where: LabChannel, wanted: bigint): boolean =>
    (permissionsOf(state, user, where) & wanted) === wanted;
  // The lab knows no members of private threads.
  const invited = (thread: LabChannel): boolean =>
    thread.type !== 12 || thread.ownerId === user.id || holds(thread, ManageThreads);

  const channel: Sight['channel'] = (where) =>
    where !== undefined && holds(where, ViewChannel) && invited(where);
  return {
    ...{ state, user, channel },
    message({ channelId, visibleTo }) {
      const where = state.channels.get(channelId);
      if (where === undefined || !channel(where)) return false;
      return visibleTo === null ? holds(where, ReadMessageHistory) : visibleTo === user.id;
    },
  };
}
