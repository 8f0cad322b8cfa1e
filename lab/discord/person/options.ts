import { PermissionFlagsBits } from 'discord.js';
import { permissionsOf } from '../permissions.ts';
import type { CommandOption, DiscordState, LabChannel, LabCommand, LabUser } from '../state.ts';
import { toMember, toRole, toUser } from '../wire.ts';
import { problemWith } from './option-values.ts';
import type { World } from '../world.ts';

export type OptionValues = Readonly<Record<string, string | number | boolean>>;

/** Discord's own client would not have sent this. */
export class ClientRefusal extends Error {
  override readonly name = 'ClientRefusal';
}

export interface Typed {
  readonly command: LabCommand;
  /** The options at the deepest sub-command. */
  readonly options: readonly CommandOption[];
  /** Sub-command group and sub-command, if any. */
  readonly path: readonly CommandOption[];
}

/** Finds `deploy` or `audit verify` among the registered commands. */
export function findCommand(world: World, line: string, who: { user: LabUser; channel: LabChannel }): Typed {
  const [name = '', ...rest] = line.replace(/^\//, '').split(' ');
  const named = [...world.state.commands.values()].filter((each) => each.name === name && each.type === 1);
  const command = named.find(({ guildId }) => guildId !== null) ?? named[0];
  if (command === undefined) throw new ClientRefusal(`There is no command /${name}.`);
  if (!mayUse(world.state, command, who)) throw new ClientRefusal(`${who.user.name} cannot see /${name}.`);
  let { options } = command;
  const path: CommandOption[] = [];
  for (const word of rest) {
    const sub = options.find((option) => option.name === word && (option.type === 1 || option.type === 2));
    if (sub === undefined) throw new ClientRefusal(`/${name} has no sub-command ${word}.`);
    path.push(sub);
    options = sub.options ?? [];
  }
  if (options.some(({ type }) => type === 1 || type === 2))
    throw new ClientRefusal(`/${line} needs a sub-command: ${options.map((each) => each.name).join(', ')}.`);
  return { command, options, path };
}

/** Discord shows the command to this person in this channel. */
export function mayUse(
  state: DiscordState,
  command: LabCommand,
  { user, channel }: { user: LabUser; channel: LabChannel },
) {
  const held = permissionsOf(state, user, channel);
  if ((held & PermissionFlagsBits.Administrator) !== 0n) return true;
  if ((held & PermissionFlagsBits.UseApplicationCommands) === 0n) return false;
  const wanted = BigInt(command.defaultMemberPermissions ?? 0);
  return command.defaultMemberPermissions !== '0' && (held & wanted) === wanted;
}

/** The `data` of the event. With `focused` the command is still being typed, so nothing need be complete. */
export function commandPayload(
  world: World,
  typed: Typed,
  entry: { values: OptionValues; focused?: string },
): object {
  const { command, options, path } = typed;
  const { values, focused } = entry;
  for (const name of Object.keys(values))
    if (!options.some((option) => option.name === name))
      throw new ClientRefusal(`/${command.name} has no option ${name}.`);
  const given = options.flatMap((option) => {
    const value = values[option.name];
    if (value === undefined) {
      if (option.required === true && focused === undefined)
        throw new ClientRefusal(`/${command.name}: option ${option.name} is required.`);
      return [];
    }
    const problem = focused === undefined ? problemWith(option, value) : null;
    if (problem !== null) throw new ClientRefusal(`Option ${option.name}: ${problem}.`);
    const mark = option.name === focused ? { focused: true } : {};
    return [{ name: option.name, type: option.type, value, ...mark }];
  });
  let nested: readonly object[] = given;
  for (const { name, type } of path.toReversed()) nested = [{ name, type, options: nested }];
  return {
    id: command.id,
    name: command.name,
    type: 1,
    options: nested,
    resolved: resolve(world, given),
    ...(command.guildId === null ? {} : { guild_id: command.guildId }),
  };
}

function resolve(
  { state }: World,
  given: readonly { type: number; value: string | number | boolean }[],
): object {
  const ids = given.map(({ value }) => String(value));
  const users = ids.flatMap((id) => state.users.get(id) ?? []);
  const roles = ids.flatMap((id) => state.roles.get(id) ?? []);
  const channels = ids.flatMap((id) => state.channels.get(id) ?? []);
  const byId = <T extends { readonly id: string }, U>(list: readonly T[], to: (each: T) => U) =>
    Object.fromEntries(list.map((each) => [each.id, to(each)]));
  return {
    ...(users.length === 0 ? {} : { users: byId(users, toUser), members: byId(users, memberOnly) }),
    ...(roles.length === 0 ? {} : { roles: byId(roles, toRole) }),
    ...(channels.length === 0
      ? {}
      : { channels: byId(channels, ({ id, name, type }) => ({ id, name, type, permissions: '0' })) }),
  };
}

/** A resolved member comes without its user and voice state. */
function memberOnly(user: LabUser) {
  return { ...toMember(user), user: undefined, mute: undefined, deaf: undefined, permissions: '0' };
}
