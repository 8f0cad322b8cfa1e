import { DiscordAPIError, HTTPError, RateLimitError, REST, RESTEvents, Routes } from 'discord.js';
import type { Command } from '../../commands/index.ts';
import { doctor, isRecord } from '../../engine/index.ts';
import type { BotConfig } from '../config.ts';
import { neededPermissions, permissionWords } from '../permissions.ts';
import { channelOf, grantedIn, guildOf, idOf, memberOf, namesIn, type SeenGuild } from './discord-shapes.ts';
import { has, mentions, roles } from './discord-roles.ts';

const { clockFinding, good, troubled, warning, wrong } = doctor;
const area = 'discord';

export interface DiscordCheckParts {
  readonly config: Pick<BotConfig, 'discord' | 'access' | 'approvals'>;
  readonly commands: readonly Command[];
  readonly now: () => Date;
  /** Another address than Discord's own, without a slash at the end. */
  readonly api?: string;
}

/** The token, the guild, the channel and what the bot may do there. Only GET requests. */
export function discordCheck(parts: DiscordCheckParts): doctor.Check {
  return { area, subject: 'Discord', look: (signal) => look(parts, signal) };
}

interface Asking extends DiscordCheckParts {
  readonly get: (route: `/${string}`) => Promise<unknown>;
  /** What Discord last said the time is. */
  readonly theirs: () => Date | null;
}

async function look(parts: DiscordCheckParts, signal: AbortSignal): Promise<readonly doctor.Finding[]> {
  const { config, api, now } = parts;
  // Whoever is told to wait would wait past the limit of this check.
  const rejectOnRateLimit = (): boolean => true;
  const limits = { retries: 0, timeout: 8_000, rejectOnRateLimit };
  const rest = new REST({ version: '10', ...limits, ...(api === undefined ? {} : { api }) });
  rest.setToken(config.discord.token);
  let theirs: Date | null = null;
  rest.on(RESTEvents.Response, (_, { headers }) => {
    const said = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(said)) theirs = new Date(said);
  });
  const asking: Asking = { ...parts, get: (route) => rest.get(route, { signal }), theirs: () => theirs };
  const found = await account(asking, signal);
  const told = asking.theirs();
  if (told === null) return found;
  return [
    ...found,
    clockFinding({ area, subject: 'Discord' }, { theirs: told, ours: now(), whose: 'its clock' }),
  ];
}

async function account(asking: Asking, signal: AbortSignal): Promise<readonly doctor.Finding[]> {
  const about = { area, subject: 'token' } as const;
  const application = await orRefusal(() => asking.get(Routes.currentApplication()), signal);
  if ('refused' in application)
    return [
      application.refused === 401
        ? wrong(
            about,
            'is not accepted by Discord.',
            'Reset it on the page Bot of the application (discord.com/developers/applications) and put the new one in place.',
          )
        : unreachable(application.refused),
    ];
  const body = isRecord(application.body) ? application.body : {};
  const bot = isRecord(body['bot']) ? idOf(body['bot']) : idOf(body);
  const id = idOf(body);
  return [
    good(about, `is that of the application ${String(body['name'])}.`),
    ...(await guild(asking, { bot, application: id }, signal)),
  ];
}

interface Ids {
  readonly bot: string;
  readonly application: string;
}

async function guild(asking: Asking, ids: Ids, signal: AbortSignal): Promise<readonly doctor.Finding[]> {
  const { discord } = asking.config;
  const about = { area, subject: `guild ${discord.guild}` } as const;
  const [seen, me] = await Promise.all([
    orRefusal(() => asking.get(Routes.guild(discord.guild)), signal),
    orRefusal(() => asking.get(Routes.guildMember(discord.guild, ids.bot)), signal),
  ]);
  if ('refused' in seen || 'refused' in me) {
    const refused = 'refused' in seen ? seen.refused : 'refused' in me ? me.refused : null;
    if (refused !== 403 && refused !== 404) return [unreachable(refused)];
    return [
      wrong(
        about,
        'does not have the bot in it.',
        'Invite it with the link `sentinel discord invite` prints, or correct `discord.guild` in bot.yml.',
      ),
    ];
  }
  const home = guildOf(seen.body, memberOf(me.body, ids.bot));
  const [inChannel, commands] = await Promise.all([
    channel(asking, home, signal),
    registered(asking, ids, signal),
  ]);
  return [
    good(about, `“${home.name}” has the bot in it.`),
    ...inChannel,
    ...roles(asking.config, home),
    ...commands,
  ];
}

async function channel(
  asking: Asking,
  home: SeenGuild,
  signal: AbortSignal,
): Promise<readonly doctor.Finding[]> {
  const { discord, approvals } = asking.config;
  const answer = await orRefusal(() => asking.get(Routes.channel(discord.channel)), signal);
  const about = { area, subject: `channel ${discord.channel}` } as const;
  const correct = 'Let the bot see the channel, or correct `discord.channel` in bot.yml.';
  if ('refused' in answer)
    return [
      answer.refused === 403 || answer.refused === 404
        ? wrong(about, 'is none the bot can see.', correct)
        : unreachable(answer.refused),
    ];
  const found = channelOf(answer.body);
  if (found.guild !== discord.guild) return [wrong(about, `is not in the guild ${discord.guild}.`, correct)];
  if (!found.isText)
    return [
      wrong(
        about,
        `“${found.name}” is not a text channel.`,
        'Name a text channel as `discord.channel` in bot.yml.',
      ),
    ];
  const granted = grantedIn(home, found);
  const missing = neededPermissions.filter((name) => !has(granted, name));
  const may =
    missing.length === 0
      ? good({ area, subject: `#${found.name}` }, 'lets the bot do all it needs there.')
      : wrong(
          { area, subject: `#${found.name}` },
          `does not let the bot: ${missing.map(permissionWords).join(', ')}.`,
          'Allow it in the settings of the channel or of the bot’s role; `sentinel discord invite` prints a link that asks for all of them.',
        );
  return [
    may,
    ...mentions(
      home,
      [approvals.fallback, ...approvals.rules].flatMap(({ roles: named }) => named),
      { granted, channel: found.name },
    ),
  ];
}

const notInvited = wrong(
  { area, subject: 'commands' },
  'are not shown to the bot.',
  'Invite it with the link `sentinel discord invite` prints: it was invited without applications.commands.',
);

async function registered(
  asking: Asking,
  { application }: Ids,
  signal: AbortSignal,
): Promise<readonly doctor.Finding[]> {
  const about = { area, subject: 'commands' } as const;
  const route = Routes.applicationGuildCommands(application, asking.config.discord.guild);
  const answer = await orRefusal(() => asking.get(route), signal);
  if ('refused' in answer)
    return [
      answer.refused === 403
        ? notInvited
        : {
            ...unreachable(answer.refused),
            ...about,
            says: `could not be asked: Discord ${unreachable(answer.refused).says}`,
          },
    ];
  const there = namesIn(answer.body);
  const missing = asking.commands
    .map(({ definition }) => definition.name)
    .filter((name) => !there.includes(name));
  if (missing.length === 0)
    return [good(about, `are registered: ${there.map((name) => `/${name}`).join(', ')}.`)];
  return [
    warning(
      about,
      `${missing.map((name) => `/${name}`).join(', ')} is not registered yet.`,
      'Start the bot: it registers its commands then.',
    ),
  ];
}

/** The status of a refusal; null where nothing came. */
type Answer = { readonly body: unknown } | { readonly refused: number | null };

async function orRefusal(ask: () => Promise<unknown>, signal: AbortSignal): Promise<Answer> {
  try {
    return { body: await ask() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof RateLimitError) return { refused: 429 };
    return { refused: error instanceof DiscordAPIError || error instanceof HTTPError ? error.status : null };
  }
}

function unreachable(status: number | null): doctor.Finding {
  return troubled(
    { area, subject: 'Discord' },
    {
      code: 'unexpected',
      message: status === null ? 'does not answer.' : `answers ${status}.`,
      hint: 'Check the network and a proxy on the way; discordstatus.com tells when Discord itself is not well.',
    },
  );
}
