import {
  ComponentType,
  InteractionResponseType,
  MessageFlags,
  Routes,
  TextInputStyle,
  type REST,
} from 'discord.js';
import type { Choice } from '../commands/index.ts';
import { attachmentsOf, bodyOf, filesOf, painted, type Paint } from './chat.ts';
import type { Incoming } from './incoming.ts';
import { clip, fit } from './render/limits.ts';
import type { Message, Modal } from './render/message.ts';

/** The ways to answer one interaction. The first must come within three seconds. */
export interface Answer {
  /** "Thinking…", seen by the person alone. */
  deferReply(): Promise<void>;
  /** Silently; `show` then changes the message that was clicked. */
  deferUpdate(): Promise<void>;
  openModal(modal: Modal): Promise<void>;
  offer(choices: readonly Choice[]): Promise<void>;
  show(message: Message): Promise<void>;
  /** One more private message. */
  add(message: Message): Promise<void>;
}

/** Discord gives three seconds; waiting longer than this for an acknowledgement is waiting for nothing. */
const acknowledgeMs = 2_500;

export function createAnswer(
  { rest, paint }: { readonly rest: REST; readonly paint: Paint },
  { id, token, application }: Incoming,
): Answer {
  const respond = async (type: InteractionResponseType, answer?: object): Promise<void> => {
    await rest.post(Routes.interactionCallback(id, token), {
      auth: false,
      body: { type, ...(answer ? { data: answer } : {}) },
      signal: AbortSignal.timeout(acknowledgeMs),
    });
  };
  return {
    deferReply: () =>
      respond(InteractionResponseType.DeferredChannelMessageWithSource, { flags: MessageFlags.Ephemeral }),
    deferUpdate: () => respond(InteractionResponseType.DeferredMessageUpdate),
    openModal: (modal) => respond(InteractionResponseType.Modal, modalBody(modal)),
    offer: (choices) =>
      respond(InteractionResponseType.ApplicationCommandAutocompleteResult, {
        choices: choices
          .filter(({ value }) => value.length > 0 && value.length <= 100)
          .slice(0, 25)
          .map(({ name, value }) => ({ name: clip(name, 100) || value, value })),
      }),
    async show(message) {
      const fitted = await painted(fit(message), paint);
      await rest.patch(Routes.webhookMessage(application, token, '@original'), {
        auth: false,
        body: { ...bodyOf(fitted), attachments: attachmentsOf(fitted) },
        files: filesOf(fitted),
      });
    },
    async add(message) {
      const fitted = await painted(fit(message), paint);
      await rest.post(Routes.webhook(application, token), {
        auth: false,
        query: new URLSearchParams({ wait: 'true' }),
        body: { ...bodyOf(fitted), attachments: attachmentsOf(fitted), flags: MessageFlags.Ephemeral },
        files: filesOf(fitted),
      });
    },
  };
}

function modalBody({ id, title, field }: Modal): object {
  return {
    custom_id: id,
    title: clip(title, 45),
    components: [
      {
        type: ComponentType.Label,
        label: clip(field.label, 45),
        description: clip(field.hint, 100),
        component: {
          type: ComponentType.TextInput,
          custom_id: field.id,
          style: field.long ? TextInputStyle.Paragraph : TextInputStyle.Short,
          required: field.required,
          max_length: field.long ? 500 : 100,
        },
      },
    ],
  };
}
