import { refuse } from '../api-error.ts';
import { createForm } from '../form.ts';
import { asList, asRecord } from '../../json.ts';
import { checkCommand } from '../limits/commands.ts';
import type { CommandOption, LabCommand } from '../state.ts';
import { toCommand } from '../wire.ts';
import type { World } from '../world.ts';
import { guildOf } from './find.ts';
import { noContent, ok, param, type Call, type Route } from './route.ts';

const CREATES_PER_DAY = 200;

/** Registering commands, for the guild and globally. */
export function commandRoutes(): readonly Route[] {
  const created: number[] = [];
  const scopes = [
    '/applications/{application_id}/commands',
    '/applications/{application_id}/guilds/{guild_id}/commands',
  ];
  return scopes.flatMap((base): readonly Route[] => [
    {
      method: 'GET',
      template: base,
      answer: (call) => ok(inScope(call).map((each) => toCommand(call.world, each))),
    },
    { method: 'PUT', template: base, answer: (call) => overwrite(call, created) },
    { method: 'POST', template: base, answer: (call) => create(call, created) },
    {
      method: 'GET',
      template: `${base}/{command_id}`,
      answer: (call) => ok(toCommand(call.world, commandOf(call))),
    },
    { method: 'PATCH', template: `${base}/{command_id}`, answer: change },
    { method: 'DELETE', template: `${base}/{command_id}`, answer: remove },
  ]);
}

function overwrite(call: Call, created: number[]) {
  const { world } = call;
  const list = asList(call.body);
  const form = createForm();
  if (!Array.isArray(call.body))
    form.add('', 'LIST_TYPE_CONVERT', 'Only iterables may be used in a ListType');
  const names = new Set<string>();
  for (const [index, entry] of list.entries()) {
    checkCommand(form, entry, String(index));
    const { type = 1, name } = asRecord(entry);
    const key = `${String(type)} ${String(name)}`;
    if (names.has(key))
      form.add(
        `${index}.name`,
        'APPLICATION_COMMANDS_DUPLICATE_NAME',
        'Application command names must be unique',
      );
    names.add(key);
  }
  form.settle();
  if (list.length > 100) throw refuse('tooManyCommands');
  const old = inScope(call);
  const next = list.map((entry) => toRecord(call, entry, old));
  countCreates(world, created, next.filter(({ id }) => !old.some((each) => each.id === id)).length);
  for (const { id } of old) world.state.commands.delete(id);
  for (const command of next) world.state.commands.set(command.id, command);
  world.changed();
  return ok(next.map((command) => toCommand(world, command)));
}

function create(call: Call, created: number[]) {
  const { world } = call;
  const form = createForm();
  checkCommand(form, call.body, '');
  form.settle();
  const old = inScope(call);
  const command = toRecord(call, call.body, old);
  const isNew = !old.some(({ id }) => id === command.id);
  if (isNew && old.length >= 100) throw refuse('tooManyCommands');
  if (isNew) countCreates(world, created, 1);
  world.state.commands.set(command.id, command);
  world.changed();
  return { status: isNew ? 201 : 200, body: toCommand(world, command) };
}

function change(call: Call) {
  const { world } = call;
  const old = commandOf(call);
  const merged = { ...old.definition, ...asRecord(call.body) };
  const form = createForm();
  checkCommand(form, merged, '');
  form.settle();
  const command = { ...toRecord(call, merged, []), id: old.id };
  world.state.commands.set(old.id, command);
  world.changed();
  return ok(toCommand(world, command));
}

function remove(call: Call) {
  call.world.state.commands.delete(commandOf(call).id);
  call.world.changed();
  return noContent;
}

function scopeOf(call: Call): string | null {
  if (param(call, 'application_id') !== call.world.state.applicationId) throw refuse('missingAccess');
  return call.params.has('guild_id') ? guildOf(call).id : null;
}

function inScope(call: Call): readonly LabCommand[] {
  const scope = scopeOf(call);
  return [...call.world.state.commands.values()].filter(({ guildId }) => guildId === scope);
}

function commandOf(call: Call): LabCommand {
  const command = inScope(call).find(({ id }) => id === param(call, 'command_id'));
  if (command === undefined) throw refuse('unknownCommand');
  return command;
}

/** A command of the same name keeps its id; the version moves with every change. */
function toRecord(call: Call, raw: unknown, old: readonly LabCommand[]): LabCommand {
  const definition = asRecord(raw);
  const { type, name, description, options, default_member_permissions: permissions } = definition;
  const number = typeof type === 'number' ? type : 1;
  const same = old.find((each) => each.name === name && each.type === number);
  return {
    id: same?.id ?? call.world.newId(),
    version: call.world.newId(),
    guildId: scopeOf(call),
    type: number,
    name: String(name),
    description: typeof description === 'string' ? description : '',
    options: asList(options) as readonly CommandOption[],
    defaultMemberPermissions: typeof permissions === 'string' ? permissions : null,
    definition,
  };
}

function countCreates({ clock }: World, created: number[], count: number): void {
  const now = clock.now();
  const today = created.filter((at) => now - at < 86_400_000);
  if (today.length + count > CREATES_PER_DAY) throw refuse('dailyCreates');
  created.splice(0, created.length, ...today, ...Array<number>(count).fill(now));
}
