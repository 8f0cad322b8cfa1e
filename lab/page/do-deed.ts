import { NoResponse, type LabMessage, type Person } from '../discord/index.ts';
import { dialogOf, noticesOf } from './asked.ts';
import type { Life } from './lives.ts';
import { PageRefusal } from './page-refusal.ts';
import type { Sight } from './sight.ts';
import type { Deed, SuggestQuery, Suggestions } from './view.ts';

/** Who does something, in which life, and what they can see there. */
export interface Actor {
  readonly life: Life;
  readonly person: Person;
  readonly sight: Sight;
}

/** Does in Discord or to the homelab what the person did on the page; resolves as soon as it was taken. */
export async function doDeed(actor: Actor, deed: Exclude<Deed, { readonly do: 'reset' }>): Promise<void> {
  const { life, person } = actor;
  switch (deed.do) {
    case 'command':
      await person.command(deed.name, deed.options, { channel: channelOf(actor, deed.channel) });
      return;
    case 'say':
      person.say(deed.text, { channel: channelOf(actor, deed.channel) });
      return;
    case 'click':
      await person.click(messageOf(actor, deed.message), deed.button);
      return;
    case 'choose':
      await person.choose(messageOf(actor, deed.message), deed.select, deed.values);
      return;
    case 'submit':
      checkOpen(actor, deed.interaction);
      await person.submit(deed.interaction, deed.values);
      life.putAway(deed.interaction);
      return;
    case 'close':
      checkOpen(actor, deed.interaction);
      life.putAway(deed.interaction);
      return;
    case 'dismiss':
      dismiss(actor, deed.id);
      return;
    case 'switch':
      await turn(life, deed.id, deed.on);
  }
}

/** What the bot proposes for the option being typed. */
export async function suggest(actor: Actor, query: SuggestQuery): Promise<Suggestions> {
  const { command, channel, options, focused } = query;
  // The lab's Discord takes the last one for the one that is typed.
  const { [focused]: typed = '', ...others } = options;
  const where = { channel: channelOf(actor, channel) };
  try {
    return await actor.person.autocomplete(command, { ...others, [focused]: typed }, where);
  } catch (error) {
    if (error instanceof NoResponse) throw new PageRefusal(409, 'Loading options failed.');
    throw error;
  }
}

/** Only by id: a name could be another channel's, too. */
function channelOf({ sight }: Actor, id: string): string {
  if (!sight.channel(sight.state.channels.get(id))) throw new PageRefusal(404, 'This channel is gone.');
  return id;
}

function messageOf({ life, sight }: Actor, id: string): LabMessage {
  const message = sight.state.messages.get(id);
  if (message === undefined || !sight.message(message) || life.away.has(id))
    throw new PageRefusal(404, 'This message is gone.');
  return message;
}

function checkOpen({ life, sight }: Actor, interaction: string): void {
  if (dialogOf(sight, life.away)?.interaction !== interaction)
    throw new PageRefusal(409, 'This form is no longer open.');
}

function dismiss({ life, sight }: Actor, id: string): void {
  const now = life.lab.discord.clock.now();
  const notices = noticesOf(sight, { putAway: life.away, now });
  const own = sight.state.messages.get(id)?.visibleTo === sight.user.id;
  if (!own && !notices.some((notice) => notice.id === id))
    throw new PageRefusal(409, 'Only what nobody else sees can be dismissed.');
  life.putAway(id);
}

async function turn({ lab: { homelab }, changed }: Life, id: string, on: boolean): Promise<void> {
  if (!homelab.switches().some((each) => each.id === id))
    throw new PageRefusal(404, 'There is no such switch.');
  try {
    await homelab.turn(id, on);
  } catch (error) {
    throw new PageRefusal(409, error instanceof Error ? error.message : String(error));
  } finally {
    changed();
  }
}
