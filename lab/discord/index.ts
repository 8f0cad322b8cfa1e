export { startDiscord, type DiscordLab, type DiscordOptions } from './lab.ts';
export { createClock, type LabClock } from './clock.ts';
export type { WaitOptions } from './changes.ts';
export type { Contract } from './contract/contract.ts';
export type { Fault, Faults } from './faults.ts';
export type { GatewayControl, GatewaySession } from './gateway.ts';
export { usualLimits, type Limit, type LimitSettings } from './rate-limits.ts';
export { NoResponse, type InteractionHandle, type ModalHandle } from './person/handle.ts';
export { ClientRefusal, mayUse, type OptionValues } from './person/options.ts';
export type { Person } from './person/person.ts';
export type {
  Choice,
  CommandOption,
  Component,
  DiscordState,
  LabAttachment,
  LabChannel,
  LabCommand,
  LabInteraction,
  LabMessage,
  LabRequest,
  LabRole,
  LabUser,
  LabWebhook,
} from './state.ts';
export { permissionsOf } from './permissions.ts';
export { EPHEMERAL, LOADING } from './limits/message.ts';
export { FIRST_ANSWER_MS } from './rest/interactions.ts';
export { renderMessage, type RenderOptions } from './render/message.ts';
