import { dirname, resolve } from 'node:path';
import type { Access, ApprovalPolicy, PolicyTerms, Problem, Result } from '../engine/index.ts';
import { at, parseBotFile, seconds, type BotFile, type Path, type TermsSection } from '../schema/index.ts';
import {
  isDirectory,
  ownSecret,
  readFileAt,
  readText,
  type ParseInventory,
  type Reading,
  type Variables,
} from './config-reading.ts';
import {
  readGitlab,
  readPeople,
  readVariables,
  type GitlabConfig,
  type PersonConfig,
  type VariablesConfig,
} from './config-gitlab.ts';
import { readRepository, type KeyConfig, type RepositoryConfig } from './config-repository.ts';

/** Everything the bot needs to know to start. Holds the values of its own secrets; never logged. */
export interface BotConfig {
  readonly discord: { readonly guild: string; readonly channel: string; readonly token: string };
  /** Null where no repository is on one. */
  readonly gitlab: GitlabConfig | null;
  readonly people: readonly PersonConfig[];
  readonly repositories: readonly RepositoryConfig[];
  readonly access: Access;
  readonly approvals: ApprovalPolicy;
  /** The first is the default. */
  readonly environments: readonly string[];
  /** Private keys by the name sentinel.yml uses. */
  readonly keys: Readonly<Record<string, KeyConfig>>;
  /** The file and what is in it. */
  readonly knownHosts: { readonly file: string; readonly text: string } | null;
  readonly secrets: {
    readonly env: Variables;
    readonly directory: string | null;
    readonly prefix: string;
    /** Base addresses by the name of the secret that may be sent there. */
    readonly sendTo: Readonly<Record<string, readonly string[]>>;
    readonly gitlab: VariablesConfig;
    /** Sentinel's own secrets by name: kept from definitions and out of every text. */
    readonly own: Readonly<Record<string, string>>;
  };
  readonly state: string;
  readonly health: { readonly host: string; readonly port: number };
  /** What Watchtower has to know to be heard; null: it is not. */
  readonly watchtower: { readonly token: string } | null;
  /** What Prometheus has to show; null: nothing. */
  readonly metrics: { readonly token: string } | null;
  readonly shutdownMs: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
}

/** Reads bot.yml and the environment; answers every problem at once, each with its place. */
export function readConfig({
  file,
  env,
  parseInventory,
}: {
  readonly file: string;
  readonly env: Variables;
  readonly parseInventory: ParseInventory;
}): Result<BotConfig> {
  const text = readText(file);
  if (text === null)
    return failed([
      {
        code: 'configuration-invalid',
        message: `There is no readable configuration at ${file}.`,
        hint: 'Write one (see examples), or name it with SENTINEL_CONFIG.',
      },
    ]);
  const parsed = parseBotFile(text, file);
  if (!parsed.ok)
    return failed(
      parsed.problems.map((problem) => ({
        code: problem.kind === 'yaml' ? 'yaml-invalid' : 'configuration-invalid',
        message: problem.message,
        where: at(problem),
        ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      })),
    );
  const problems: Problem[] = [];
  const config = normalise({
    ...{ bot: parsed.value, env, parseInventory, folder: dirname(resolve(file)) },
    complain: (path, message, hint) =>
      problems.push({ code: 'configuration-invalid', message, where: at(parsed.locate(path)), hint }),
  });
  return problems.length > 0 ? failed(problems) : { ok: true, value: config };
}

function normalise(reading: Reading): BotConfig {
  const { bot, env, folder } = reading;
  const own: Record<string, string> = {};
  const keys = readKeys(reading, own);
  const tokenName = bot.discord.token ?? 'DISCORD_TOKEN';
  own[tokenName] = ownSecret(reading, ['discord', 'token'], tokenName);
  const gitlab = readGitlab(reading, own);
  const repositories = bot.repositories.map((section, index) => {
    const name = section.credential?.secret;
    if (name !== undefined)
      own[name] = ownSecret(reading, ['repositories', index, 'credential', 'secret'], name);
    return readRepository(reading, section, { index, keys, own });
  });
  if (repositories.length === 0)
    reading.complain(['repositories'], 'No repository is named.', 'Name at least one with services.');
  return {
    discord: { guild: bot.discord.guild, channel: bot.discord.channel, token: own[tokenName] },
    ...{ gitlab, repositories, keys, people: readPeople(reading) },
    access: {
      grants: bot.roles.map(({ role, capabilities, environments }) => ({
        role,
        capabilities,
        environments: environments ?? [],
      })),
    },
    approvals: readPolicy(bot),
    environments: [...new Set(repositories.flatMap(({ environments }) => Object.keys(environments)))],
    knownHosts: readKnownHosts(reading),
    secrets: {
      ...{ env, directory: readDirectory(reading), prefix: bot.secrets?.prefix ?? '', own },
      ...{ sendTo: readSendTo(reading), gitlab: readVariables(reading) },
    },
    state: resolve(folder, bot.state ?? 'state'),
    health: readListen(reading),
    watchtower: readToken(reading, 'watchtower', own),
    metrics: readToken(reading, 'metrics', own),
    shutdownMs: seconds(bot.limits?.shutdown ?? '60s') * 1000,
    level: bot.log?.level ?? 'info',
  };
}

/** Passphrases are Sentinel's own secrets, so they are added to `own`. */
function readKeys(reading: Reading, own: Record<string, string>): BotConfig['keys'] {
  const keys = Object.entries(reading.bot.ssh?.keys ?? {}).filter(([name]) => !name.startsWith('x-'));
  return Object.fromEntries(
    keys.map(([name, key]) => {
      const path: Path = ['ssh', 'keys', name];
      const file = resolve(reading.folder, typeof key === 'string' ? key : key.file);
      const secret = typeof key === 'string' ? undefined : key.passphrase;
      const passphrase =
        secret === undefined ? null : (own[secret] = ownSecret(reading, [...path, 'passphrase'], secret));
      readFileAt(reading, path, file);
      return [name, { file, passphrase }];
    }),
  );
}

function readKnownHosts(reading: Reading): BotConfig['knownHosts'] {
  const named = reading.bot.ssh?.known_hosts;
  if (named === undefined) return null;
  const file = resolve(reading.folder, named);
  const text = readFileAt(reading, ['ssh', 'known_hosts'], file);
  return text === null ? null : { file, text };
}

function readPolicy({ approvals }: BotFile): ApprovalPolicy {
  const terms = (section: TermsSection): PolicyTerms => ({
    required: section.required ?? 1,
    selfApproval: section.self_approval ?? false,
    expiresSeconds: seconds(section.expires ?? '1h'),
    roles: section.roles ?? [],
  });
  return {
    fallback: terms(approvals?.fallback ?? {}),
    rules: (approvals?.rules ?? []).map((rule) => ({
      ...terms(rule),
      environments: rule.environments ?? [],
      categories: rule.categories ?? [],
    })),
  };
}

function readListen({ bot, complain }: Reading): BotConfig['health'] {
  const listen = bot.health?.listen ?? '127.0.0.1:8080';
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d+)$/.exec(listen) ?? [];
  if (Number(port) > 65_535)
    complain(['health', 'listen'], `There is no port ${port ?? ''}.`, 'Use 1 to 65535.');
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** The token is one of Sentinel's own secrets, so it is added to `own`. */
function readToken(
  reading: Reading,
  section: 'watchtower' | 'metrics',
  own: Record<string, string>,
): { readonly token: string } | null {
  const name = reading.bot[section]?.token;
  if (name === undefined) return null;
  own[name] = ownSecret(reading, [section, 'token'], name);
  return { token: own[name] };
}

function readDirectory(reading: Reading): string | null {
  const named = reading.bot.secrets?.directory;
  if (named === undefined) return null;
  const directory = resolve(reading.folder, named);
  if (!isDirectory(directory))
    reading.complain(
      ['secrets', 'directory'],
      `${directory} is not a folder.`,
      'Create it, or correct the path.',
    );
  return directory;
}

/** Nothing may be sent anywhere unless it is said here. */
function readSendTo({ bot, complain }: Reading): BotConfig['secrets']['sendTo'] {
  const bound = Object.entries(bot.secrets?.send_to ?? {}).filter(([name]) => !name.startsWith('x-'));
  return Object.fromEntries(
    bound.map(([name, said]) => {
      const path: Path = ['secrets', 'send_to', name];
      const places =
        typeof said === 'string'
          ? [{ url: said, path }]
          : said.map((url, at) => ({ url, path: [...path, at] }));
      for (const place of places)
        if (!URL.canParse(place.url))
          complain(
            place.path,
            `${place.url} is no address.`,
            'Write the base address of the system, such as https://auth.home.lan.',
          );
      return [name, places.map(({ url }) => url)];
    }),
  );
}

function failed(problems: readonly Problem[]): { readonly ok: false; readonly problems: readonly Problem[] } {
  return { ok: false, problems };
}
