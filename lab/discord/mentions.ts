import type { Component, LabChannel } from './state.ts';
import { may } from './permissions.ts';
import type { World } from './world.ts';

export interface AllowedMentions {
  readonly parse?: readonly string[];
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
  readonly replied_user?: boolean;
}

/** Who a new message notifies. Mentions inside embeds never do. */
export function pingedBy(
  world: World,
  message: { readonly text: string; readonly authorId: string; readonly channel: LabChannel },
  allowed: AllowedMentions,
): readonly string[] {
  const { state } = world;
  const mayPingAll = may(world, message.authorId, message.channel, ['MentionEveryone']);
  const allows = (kind: 'users' | 'roles', id: string) =>
    (allowed.parse ?? []).includes(kind) || (allowed[kind] ?? []).includes(id);

  const found = new Set<string>();
  for (const [, id = ''] of message.text.matchAll(/<@!?(\d+)>/g))
    if (state.users.has(id) && allows('users', id)) found.add(id);
  for (const [, id = ''] of message.text.matchAll(/<@&(\d+)>/g)) {
    const role = state.roles.get(id);
    if (role !== undefined && (role.mentionable || mayPingAll) && allows('roles', id)) found.add(id);
  }
  if (mayPingAll && (allowed.parse ?? []).includes('everyone'))
    for (const [, word = ''] of message.text.matchAll(/@(everyone|here)\b/g)) found.add(word);
  return [...found];
}

/** The text of a message that can hold mentions: its content and its text displays. */
export function mentionableText(content: string, components: readonly Component[]): string {
  const texts = components.flatMap(textsOf);
  return [content, ...texts].join('\n');
}

function textsOf(component: Component): readonly string[] {
  const own = component.type === 10 && component.content !== undefined ? [component.content] : [];
  return [...own, ...(component.components ?? []).flatMap(textsOf)];
}
