import { randomBytes } from 'node:crypto';
import { ALL, permissionsOf } from '../permissions.ts';
import type { LabChannel, LabInteraction, LabUser } from '../state.ts';
import { toChannel, toMember } from '../wire.ts';
import { toMessage } from '../wire-message.ts';
import type { World } from '../world.ts';

export interface Asking {
  readonly kind: LabInteraction['kind'];
  readonly name: string;
  readonly user: LabUser;
  readonly channel: LabChannel;
  /** The message whose component was used. */
  readonly sourceId: string | null;
  /** The `data` of the event. */
  readonly data: object;
}

const TYPES = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;

/** Makes an interaction and sends it through the gateway, as Discord does for a person's click. */
export function dispatchInteraction(world: World, asking: Asking): LabInteraction {
  const { kind, name, user, channel, sourceId } = asking;
  const interaction: LabInteraction = {
    id: world.newId(),
    token: randomBytes(48).toString('base64url'),
    kind,
    name,
    userId: user.id,
    channelId: channel.id,
    createdAt: world.clock.now(),
    sourceId,
    ack: null,
    originalId: null,
    originalEdits: 0,
    followUpIds: [],
    modal: null,
    choices: null,
  };
  world.state.interactions.set(interaction.id, interaction);
  world.dispatch('INTERACTION_CREATE', eventOf(world, interaction, asking), 0);
  world.changed();
  return interaction;
}

function eventOf(
  world: World,
  { id, token }: LabInteraction,
  { kind, user, channel, sourceId, data }: Asking,
) {
  const { state } = world;
  const bot = state.users.get(state.botId);
  const held = String(permissionsOf(state, user, channel));
  const source = state.messages.get(sourceId ?? '');
  return {
    id,
    token,
    application_id: state.applicationId,
    type: TYPES[kind],
    version: 1,
    data,
    guild_id: state.guild.id,
    guild: { id: state.guild.id, locale: 'en-US', features: [] },
    guild_locale: 'en-US',
    locale: 'en-US',
    channel_id: channel.id,
    channel: { ...toChannel(world, channel), permissions: held },
    member: { ...toMember(user), permissions: held },
    app_permissions: String(bot === undefined ? ALL : permissionsOf(state, bot, channel)),
    entitlements: [],
    authorizing_integration_owners: { '0': state.guild.id },
    context: 0,
    attachment_size_limit: 10_485_760,
    ...(source === undefined ? {} : { message: toMessage(world, source) }),
  };
}
