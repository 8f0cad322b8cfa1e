import { createHash } from 'node:crypto';
import { Routes, type REST } from 'discord.js';
import type { Command } from '../commands/index.ts';
import type { OpenStore } from '../data/index.ts';

/** Publishes the command list when it differs from the one published last; Discord allows few changes a day. */
export async function registerCommands(
  rest: REST,
  store: Pick<OpenStore, 'getMeta' | 'setMeta'>,
  scope: { readonly application: string; readonly guild: string; readonly commands: readonly Command[] },
): Promise<'published' | 'unchanged'> {
  const body = scope.commands.map(({ definition }) => definition.toJSON());
  const key = `commands:${scope.application}:${scope.guild}`;
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  if (store.getMeta(key) === hash) return 'unchanged';
  await rest.put(Routes.applicationGuildCommands(scope.application, scope.guild), { body });
  store.setMeta(key, hash);
  return 'published';
}
