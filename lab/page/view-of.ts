import { mayUse, type LabChannel, type LabCommand, type LabUser } from '../discord/index.ts';
import { dialogOf, noticesOf } from './asked.ts';
import { messageView } from './message-view.ts';
import type { PageLab } from './page-lab.ts';
import { sightOf, type Sight } from './sight.ts';
import type { ChannelView, CommandView, PageView, SwitchView, SystemView, TourStepView } from './view.ts';

/** What a view is made of. */
export interface Scene {
  readonly life: string;
  readonly lab: Pick<PageLab, 'discord' | 'people'>;
  readonly online: boolean;
  readonly systems: readonly SystemView[];
  readonly switches: readonly SwitchView[];
  readonly tour: readonly TourStepView[];
  /** Ids of what somebody dismissed or closed. */
  readonly putAway: ReadonlySet<string>;
}

/** All that one person sees now, and nothing they could not see in Discord. */
export function viewOf(scene: Scene, user: LabUser): PageView {
  const { lab, online, putAway } = scene;
  const { state, clock } = lab.discord;
  const sight = sightOf(state, user);
  const channels = [...state.channels.values()].filter(sight.channel);
  const commands = commandsFor(sight, channels);
  return {
    life: scene.life,
    guild: state.guild.name,
    bot: { id: state.botId, name: state.users.get(state.botId)?.name ?? 'Sentinel', online },
    me: user.id,
    people: lab.people,
    names: {
      users: namesOf(state.users.values()),
      roles: namesOf(state.roles.values()),
      channels: namesOf(channels),
      commands: namesOf(commands),
    },
    channels: inOrder(channels),
    messages: [...state.messages.values()]
      .filter((message) => sight.message(message) && !putAway.has(message.id))
      .map((message) => messageView(sight, message)),
    commands,
    dialog: dialogOf(sight, putAway),
    notices: noticesOf(sight, { putAway, now: clock.now() }),
    systems: scene.systems,
    switches: scene.switches,
    tour: scene.tour,
  };
}

function namesOf(named: Iterable<{ readonly id: string; readonly name: string }>): Record<string, string> {
  return Object.fromEntries([...named].map(({ id, name }) => [id, name]));
}

function inOrder(channels: readonly LabChannel[]): readonly ChannelView[] {
  const threads = channels.filter(({ thread }) => thread !== null);
  const byAge = threads.toSorted((one, other) => one.createdAt - other.createdAt);
  return [...channels.filter(({ thread }) => thread === null), ...byAge].map(({ id, name, parentId }) => ({
    ...{ id, name },
    parent: parentId,
  }));
}

/** Those that may be used somewhere; a guild's command hides a global one of its name. */
function commandsFor({ state, user }: Sight, channels: readonly LabChannel[]): readonly CommandView[] {
  const all = [...state.commands.values()].filter(({ type }) => type === 1);
  const hidden = ({ guildId, name }: LabCommand): boolean =>
    guildId === null && all.some((other) => other.guildId !== null && other.name === name);
  return all
    .filter((each) => !hidden(each) && channels.some((channel) => mayUse(state, each, { user, channel })))
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ id, name, description, options }) => ({ id, name, description, options }));
}
