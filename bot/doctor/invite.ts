import { dirname, resolve } from 'node:path';
import { DiscordAPIError, OAuth2Scopes, REST, Routes } from 'discord.js';
import { ProblemError } from '../../engine/index.ts';
import { at, parseBotFile } from '../../schema/index.ts';
import { readText, ownSecret, type Variables } from '../config-reading.ts';
import { neededPermissions, permissionInteger, permissionWords } from '../permissions.ts';
import { idOf } from './discord-shapes.ts';

export interface InviteParts {
  /** bot.yml, where there is one. */
  readonly file: string | null;
  readonly env: Variables;
  /** Null: Discord is asked with the token. */
  readonly application: string | null;
  /** Another address than Discord's own, without a slash at the end. */
  readonly api?: string;
}
export interface Invite {
  readonly application: string;
  readonly guild: string | null;
  /** Decimal, as Discord writes it. */
  readonly permissions: string;
  readonly names: readonly string[];
  readonly link: string;
}

/** The link that brings the bot into a guild with exactly the permissions it needs. */
export async function readInvite(parts: InviteParts, signal: AbortSignal): Promise<Invite> {
  const { guild, token } = readFile(parts);
  const application = parts.application ?? (await askApplication(token(), parts, signal));
  const permissions = String(permissionInteger);
  const link = new URL('https://discord.com/oauth2/authorize');
  link.searchParams.set('client_id', application);
  link.searchParams.set('scope', [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands].join(' '));
  link.searchParams.set('permissions', permissions);
  if (guild !== null) link.searchParams.set('guild_id', guild);
  return { application, guild, permissions, names: neededPermissions.map(permissionWords), link: link.href };
}

/** Of bot.yml only the part about Discord has to be right: the invite is made before all else is there. */
function readFile({ file, env }: InviteParts): {
  readonly guild: string | null;
  readonly token: () => string;
} {
  if (file === null) return { guild: null, token: () => variable(env) };
  const text = readText(file);
  if (text === null)
    throw new ProblemError({
      code: 'input-missing',
      message: `${file} cannot be read.`,
      hint: 'Correct the path, or name the application with --application.',
    });
  const parsed = parseBotFile(text, file);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    const hint = first?.hint;
    throw new ProblemError({
      ...{ code: 'configuration-invalid', message: first?.message ?? 'It does not match its schema.' },
      ...(first === undefined ? {} : { where: at(first) }),
      ...(hint === undefined ? {} : { hint }),
    });
  }
  const { value: bot, locate } = parsed;
  const name = bot.discord.token ?? 'DISCORD_TOKEN';
  const refuse = (message: string, hint: string): never => {
    throw new ProblemError({
      code: 'secret-missing',
      message,
      where: at(locate(['discord', 'token'])),
      hint: `${hint} Or name the application with --application.`,
    });
  };
  const reading = {
    ...{ bot, env, folder: dirname(resolve(file)) },
    complain: (_path: unknown, message: string, hint: string) => refuse(message, hint),
    parseInventory: () => ({ ok: false, problems: [] }) as const,
  };
  return { guild: bot.discord.guild, token: () => ownSecret(reading, ['discord', 'token'], name) };
}

function variable(env: Variables): string {
  const token = env['DISCORD_TOKEN'] ?? '';
  if (token !== '') return token;
  throw new ProblemError({
    code: 'input-missing',
    message: 'Nothing says which application is to be invited.',
    hint: 'Name it with --application (its Application ID, on the page General Information), or bot.yml with --config.',
  });
}

async function askApplication(token: string, { api }: InviteParts, signal: AbortSignal): Promise<string> {
  const rest = new REST({
    version: '10',
    retries: 1,
    timeout: 10_000,
    ...(api === undefined ? {} : { api }),
  });
  try {
    return idOf(await rest.setToken(token).get(Routes.currentApplication(), { signal }));
  } catch (error) {
    signal.throwIfAborted();
    const refused = error instanceof DiscordAPIError && error.status === 401;
    throw new ProblemError({
      code: 'system-refused',
      message: refused ? 'Discord does not accept the token.' : 'Discord does not answer.',
      hint: refused
        ? 'Reset it on the page Bot of the application and put the new one in place, or name the application with --application.'
        : 'Check the network, or name the application with --application.',
    });
  }
}
