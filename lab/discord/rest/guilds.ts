import { refuse } from '../api-error.ts';
import { isArchived, toChannel, toMember, toRestGuild, toRole, toUser } from '../wire.ts';
import { guildOf } from './find.ts';
import { ok, param, type Call, type Route } from './route.ts';

const guild = '/guilds/{guild_id}';

export const guildRoutes: readonly Route[] = [
  { method: 'GET', template: guild, answer: (call) => (guildOf(call), ok(toRestGuild(call.world))) },
  { method: 'GET', template: `${guild}/channels`, answer: channels },
  { method: 'GET', template: `${guild}/roles`, answer: roles },
  { method: 'GET', template: `${guild}/roles/{role_id}`, answer: role },
  { method: 'GET', template: `${guild}/members/{user_id}`, answer: member },
  { method: 'GET', template: `${guild}/threads/active`, answer: activeThreads },
  { method: 'GET', template: '/users/{user_id}', answer: user },
];

function channels(call: Call) {
  guildOf(call);
  const all = [...call.world.state.channels.values()].filter(({ thread }) => thread === null);
  return ok(all.map((channel) => toChannel(call.world, channel)));
}

function roles(call: Call) {
  guildOf(call);
  return ok([...call.world.state.roles.values()].map(toRole));
}

function role(call: Call) {
  guildOf(call);
  const found = call.world.state.roles.get(param(call, 'role_id'));
  if (found === undefined) throw refuse('unknownRole');
  return ok(toRole(found));
}

function member(call: Call) {
  guildOf(call);
  const found = call.world.state.users.get(param(call, 'user_id'));
  if (found === undefined) throw refuse('unknownMember');
  return ok(toMember(found));
}

function user(call: Call) {
  const found = call.world.state.users.get(param(call, 'user_id'));
  if (found === undefined) throw refuse('unknownUser');
  return ok(toUser(found));
}

function activeThreads(call: Call) {
  guildOf(call);
  const threads = [...call.world.state.channels.values()].filter(
    (channel) => channel.thread !== null && !isArchived(call.world, channel),
  );
  return ok({
    threads: threads.map((thread) => toChannel(call.world, thread)),
    members: [],
    has_more: false,
  });
}
