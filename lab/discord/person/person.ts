import type { Changes, WaitOptions } from '../changes.ts';
import { createMessage } from '../messages.ts';
import { may } from '../permissions.ts';
import type { Choice, LabChannel, LabInteraction, LabMessage, LabUser } from '../state.ts';
import type { World } from '../world.ts';
import { dispatchInteraction } from './dispatch.ts';
import { chooseFrom, fillModal, findButton } from './components.ts';
import { createHandle, NoResponse, type InteractionHandle, type Submit } from './handle.ts';
import { ClientRefusal, commandPayload, findCommand, type OptionValues } from './options.ts';

export interface In {
  /** Name or id of the channel; the lab's first one unless told. */
  readonly channel?: string;
}

/** Somebody at the other end: does what Discord's client lets a person do, and sees what it shows. */
export interface Person {
  readonly id: string;
  readonly name: string;
  command(name: string, options?: OptionValues, where?: In): Promise<InteractionHandle>;
  /** The suggestions while the last given option is being typed. */
  autocomplete(name: string, options: OptionValues, where?: In & WaitOptions): Promise<readonly Choice[]>;
  click(message: LabMessage, button: string): Promise<InteractionHandle>;
  choose(message: LabMessage, select: string, values: readonly string[]): Promise<InteractionHandle>;
  /** Sends a form the bot opened for this person, named by the interaction it answered. */
  submit(interaction: string, values: FormValues): Promise<InteractionHandle>;
  say(text: string, where?: In): LabMessage;
  /** What the person sees in a channel or thread, oldest first. */
  sees(channel?: string): readonly LabMessage[];
}

/** By custom_id or label. */
export type FormValues = Readonly<Record<string, string | readonly string[]>>;

export interface PersonParts {
  readonly world: World;
  readonly changes: Changes;
  /** By name or id; the first text channel when none is named. */
  readonly channel: (nameOrId?: string) => LabChannel;
}

export function createPerson({ world, changes, channel: find }: PersonParts, user: LabUser): Person {
  const visibleChannel = (name?: string) => {
    const channel = find(name);
    if (!may(world, user.id, channel, ['ViewChannel']))
      throw new ClientRefusal(`${user.name} cannot see #${channel.name}.`);
    return channel;
  };
  const submit: Submit = async (interaction, modal, values) => {
    const data = { custom_id: modal.customId, components: fillModal(modal, values) };
    return act(
      { kind: 'modal', name: modal.customId, sourceId: interaction.sourceId, data },
      find(interaction.channelId),
    );
  };
  const start = (
    what: Omit<Parameters<typeof dispatchInteraction>[1], 'user' | 'channel'>,
    channel: LabChannel,
  ) => dispatchInteraction(world, { ...what, user, channel });
  const act = (what: Parameters<typeof start>[0], channel: LabChannel): Promise<InteractionHandle> =>
    Promise.resolve(createHandle(world, changes, { interaction: start(what, channel), submit }));

  /** The message as it is now, if the person can still see it. */
  const current = ({ id }: LabMessage): LabMessage => {
    const message = world.state.messages.get(id);
    if (message === undefined) throw new ClientRefusal('The message is gone.');
    if (message.visibleTo !== null && message.visibleTo !== user.id)
      throw new ClientRefusal(`${user.name} cannot see this message.`);
    visibleChannel(message.channelId);
    return message;
  };

  return {
    id: user.id,
    name: user.name,
    async command(name, values = {}, where = {}) {
      const channel = visibleChannel(where.channel);
      const typed = findCommand(world, name, { user, channel });
      const data = commandPayload(world, typed, { values });
      return act({ kind: 'command', name: typed.command.name, sourceId: null, data }, channel);
    },
    async autocomplete(name, values, where = {}) {
      const channel = visibleChannel(where.channel);
      const typed = findCommand(world, name, { user, channel });
      const focused = Object.keys(values).at(-1) ?? '';
      if (typed.options.find((option) => option.name === focused)?.autocomplete !== true)
        throw new ClientRefusal(`/${name} has no suggestions for ${focused || 'nothing'}.`);
      const data = commandPayload(world, typed, { values, focused });
      const asked = start({ kind: 'autocomplete', name: typed.command.name, sourceId: null, data }, channel);
      // One for every key that is pressed: kept, they would only make everything else slower.
      return suggestions(asked, where).finally(() => world.state.interactions.delete(asked.id));
    },
    async click(message, wanted) {
      const seen = current(message);
      const { custom_id, id } = findButton(seen, wanted);
      const data = { component_type: 2, custom_id, id };
      return act({ kind: 'component', name: custom_id, sourceId: seen.id, data }, find(seen.channelId));
    },
    async choose(message, wanted, picked) {
      const seen = current(message);
      const { select, custom_id, values } = chooseFrom(seen, wanted, picked);
      const data = { component_type: select.type, custom_id, id: select.id, values };
      return act({ kind: 'component', name: custom_id, sourceId: seen.id, data }, find(seen.channelId));
    },
    async submit(id, values) {
      const opened = world.state.interactions.get(id);
      if (opened?.userId !== user.id || opened.modal === null)
        throw new ClientRefusal('This form was not opened for you.');
      return submit(opened, opened.modal, values);
    },
    say(text, where = {}) {
      const mentions = { parse: ['users', 'roles', 'everyone'] };
      const channel = visibleChannel(where.channel);
      return createMessage(world, {
        channel,
        authorId: user.id,
        body: { content: text },
        files: new Map(),
        mentions,
      });
    },
    sees(name) {
      const channel = visibleChannel(name);
      return [...world.state.messages.values()].filter(
        ({ channelId, visibleTo }) =>
          channelId === channel.id && (visibleTo === null || visibleTo === user.id),
      );
    },
  };

  function suggestions(asked: LabInteraction, options: WaitOptions): Promise<readonly Choice[]> {
    world.clock.after(3001, world.changed);
    return changes.waitFor(
      () => {
        if (asked.choices !== null) return asked.choices;
        if (world.clock.now() - asked.createdAt > 3000) throw new NoResponse('Loading options failed.');
        return null;
      },
      {
        what: `suggestions for /${asked.name}`,
        ...(options.within === undefined ? {} : { within: options.within }),
      },
    );
  }
}
