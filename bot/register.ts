import { createHash } from 'node:crypto';
import { DiscordAPIError, Routes, type REST } from 'discord.js';
import type { Command } from '../commands/index.ts';
import type { OpenStore } from '../data/index.ts';
import { StartError } from './start-error.ts';

const unknownGuild = 10_004;
const missingAccess = 50_001;

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
  try {
    await rest.put(Routes.applicationGuildCommands(scope.application, scope.guild), { body });
  } catch (error) {
    if (!(error instanceof DiscordAPIError) || (error.code !== unknownGuild && error.code !== missingAccess))
      throw error;
    throw new StartError(
      `The bot is not in the guild ${scope.guild}, or was invited without applications.commands. Invite it, or correct discord.guild.`,
      { cause: error },
    );
  }
  store.setMeta(key, hash);
  return 'published';
}
