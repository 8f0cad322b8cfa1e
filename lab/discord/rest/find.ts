import { refuse } from '../api-error.ts';
import type { LabChannel, LabMessage } from '../state.ts';
import type { World } from '../world.ts';
import { param, type Call } from './route.ts';

export function channelOf(call: Call): LabChannel {
  const channel = call.world.state.channels.get(param(call, 'channel_id'));
  if (channel === undefined) throw refuse('unknownChannel');
  return channel;
}

/** A message as the channel routes know it: never an ephemeral one. */
export function messageOf(call: Call): LabMessage {
  const message = call.world.state.messages.get(param(call, 'message_id'));
  if (message?.channelId !== param(call, 'channel_id') || message.visibleTo !== null)
    throw refuse('unknownMessage');
  return message;
}

export function guildOf(call: Call): World['state']['guild'] {
  const { guild } = call.world.state;
  if (param(call, 'guild_id') !== guild.id) throw refuse('unknownGuild');
  return guild;
}
