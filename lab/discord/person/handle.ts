import type { WaitOptions, Changes } from '../changes.ts';
import { LOADING } from '../limits/message.ts';
import { FIRST_ANSWER_MS } from '../rest/interactions.ts';
import type { LabInteraction, LabMessage, OpenedModal } from '../state.ts';
import type { World } from '../world.ts';

/** What became of one thing a person did. */
export interface InteractionHandle {
  readonly interaction: LabInteraction;
  /** The first answer, once it shows something: a deferred one is waited for until it is filled. */
  reply(options?: WaitOptions): Promise<LabMessage>;
  /** The n-th follow-up message, counted from 0. */
  followUp(index?: number, options?: WaitOptions): Promise<LabMessage>;
  /** The bot has answered in some way, "thinking…" included. */
  acknowledged(options?: WaitOptions): Promise<LabInteraction>;
  /** The modal the bot opened. */
  modal(options?: WaitOptions): Promise<ModalHandle>;
}
export interface ModalHandle extends OpenedModal {
  /** Sends the form; keys are custom_ids or labels. */
  submit(values: Readonly<Record<string, string | readonly string[]>>): Promise<InteractionHandle>;
}

/** The person saw "The application did not respond". */
export class NoResponse extends Error {
  override readonly name = 'NoResponse';
}

export type Submit = (
  interaction: LabInteraction,
  modal: OpenedModal,
  values: Readonly<Record<string, string | readonly string[]>>,
) => Promise<InteractionHandle>;

export function createHandle(
  world: World,
  changes: Changes,
  asked: { readonly interaction: LabInteraction; readonly submit: Submit },
): InteractionHandle {
  const { interaction, submit } = asked;
  const what = `an answer to ${interaction.kind} ${interaction.name}`;
  world.clock.after(FIRST_ANSWER_MS + 1, world.changed);

  const answered = () => {
    if (interaction.ack !== null) return interaction.ack;
    if (world.clock.now() - interaction.createdAt > FIRST_ANSWER_MS)
      throw new NoResponse(`The application did not respond to ${interaction.kind} ${interaction.name}.`);
    return null;
  };
  const message = (id: string | null | undefined) => world.state.messages.get(id ?? '');
  const filled = (id: string | null | undefined) => {
    const found = message(id);
    return found !== undefined && (found.flags & LOADING) === 0 ? found : undefined;
  };

  return {
    interaction,
    acknowledged: (options) => changes.waitFor(() => answered() && interaction, { what, ...options }),
    reply: (options) =>
      changes.waitFor(
        () => {
          const ack = answered();
          if (ack === null) return undefined;
          if (ack.type === 9)
            throw new Error(`${interaction.name} was answered with a modal; ask for handle.modal().`);
          const shows = ack.type !== 6 || interaction.originalEdits > 0;
          return (shows ? filled(interaction.originalId) : undefined) ?? filled(interaction.followUpIds[0]);
        },
        { what, ...options },
      ),
    followUp: (index = 0, options) =>
      changes.waitFor(() => answered() && message(interaction.followUpIds[index]), {
        what: `follow-up ${index} to ${interaction.kind} ${interaction.name}`,
        ...options,
      }),
    modal: (options) =>
      changes.waitFor(
        () => {
          const ack = answered();
          if (ack === null) return undefined;
          const { modal } = interaction;
          if (modal === null)
            throw new Error(`${interaction.name} was answered with type ${ack.type}, not a modal.`);
          return { ...modal, submit: (values) => submit(interaction, modal, values) };
        },
        { what: `the modal of ${interaction.name}`, ...options },
      ),
  };
}
