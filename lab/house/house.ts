import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startDiscord,
  type DiscordLab,
  type DiscordOptions,
  type LabMessage,
  type Person,
} from '../discord/index.ts';
import type { World, WorldHost } from '../world.ts';
import { botText, type BotRole } from './bot-text.ts';
import { inventoryText } from './definitions.ts';
import { runInProcess, runInside, type LabBot } from './lab-bot.ts';
import { createHouseGitlab, type HouseGitlab, type HouseGitlabOptions } from './gitlab.ts';
import { createServicesRepository, type ServicesRepository } from './services-repository.ts';

/** A role of the guild, what `bot.yml` lets its members do, and who has it. */
export interface HouseRole extends Pick<BotRole, 'name' | 'capabilities'> {
  readonly people: readonly PersonName[];
}
type PersonName = keyof House['people'];

export interface HouseOptions {
  readonly world: World;
  /** Machines in sentinel.yml; default: all of the world. */
  readonly hosts?: readonly WorldHost[];
  /** Default: ana deploys, ben and cleo approve. */
  readonly roles?: readonly HouseRole[];
  /** How many must agree to anything. Default 1. */
  readonly required?: number;
  /** How long they have. Default an hour. */
  readonly expires?: string;
  /** More lines of sentinel.yml. */
  readonly inventory?: string;
  readonly discord?: DiscordOptions;
  /** Holds everything said to Discord against its official description, where that is at hand; it takes seconds to read. */
  readonly checksContract?: boolean;
  /** Values of secrets, by name; files in the bot's secrets folder. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Addresses they may be sent to, by name. */
  readonly sendTo?: Readonly<Record<string, string>>;
  /** The services are a project of a GitLab, instead of a bare repository. */
  readonly gitlab?: Omit<HouseGitlabOptions, 'directory'>;
  /** Lines of `approvals:` in bot.yml, indented by two spaces. */
  readonly approvals?: string;
  /** Projects of its GitLab whose CI/CD variables are secrets too. */
  readonly variablesOf?: readonly string[];
  /** More sections of bot.yml. */
  readonly botMore?: string;
}

/** Everything around one bot: a guild with people, a services repository, hosts, and the bot itself. */
export interface House {
  readonly world: World;
  readonly discord: DiscordLab;
  readonly services: ServicesRepository;
  /** Null unless it was asked for. */
  readonly gitlab: HouseGitlab | null;
  /** What they may do is in the roles; dora has none unless told. */
  readonly people: {
    readonly ana: Person;
    readonly ben: Person;
    readonly cleo: Person;
    readonly dora: Person;
  };
  /** The bot's database file. */
  readonly database: string;
  /** Everything the bot has logged, in all its lives. */
  readonly logged: () => string;
  readonly bot: () => LabBot;
  /** `process`: a process of its own, which can be killed. */
  startBot(as?: 'inside' | 'process'): Promise<void>;
  /** What stands in the notifications channel, oldest first. */
  readonly channel: () => readonly LabMessage[];
  close(): Promise<void>;
}

const channelName = 'deployments';
const usualRoles: readonly HouseRole[] = [
  { name: 'deployers', capabilities: ['view', 'deploy', 'rollback'], people: ['ana'] },
  { name: 'approvers', capabilities: ['view', 'approve', 'administer'], people: ['ben', 'cleo'] },
];

export async function createHouse(options: HouseOptions): Promise<House> {
  const { world, roles = usualRoles } = options;
  const directory = await mkdtemp(join(tmpdir(), 'sentinel-house-'));
  const discord = await startDiscord({
    guild: 'Homelab',
    roles: roles.map(({ name }) => name),
    channels: [channelName],
    ...(options.checksContract === true ? {} : { contract: false as const }),
    ...options.discord,
  });
  const person = (name: PersonName): Person =>
    discord.user(name, {
      roles: roles.filter(({ people }) => people.includes(name)).map((role) => role.name),
    });
  const people = { ana: person('ana'), ben: person('ben'), cleo: person('cleo'), dora: person('dora') };
  const { ana } = people;
  const gitlab = options.gitlab
    ? await createHouseGitlab({ directory: join(directory, 'gitlab'), ...options.gitlab })
    : null;
  const services = gitlab?.services ?? (await createServicesRepository(join(directory, 'git')));
  await services.commit(
    { 'sentinel.yml': inventoryText({ hosts: options.hosts ?? world.hosts }, options.inventory) },
    'chore: the machines of this house',
  );
  const state = join(directory, 'state');
  const config = await writeConfig(directory, { options, discord, services, state, gitlab, ana });
  const written: string[] = [];
  const parts = {
    config,
    token: discord.token,
    secrets:
      gitlab === null ? {} : { GITLAB_TOKEN: gitlab.token, GITLAB_WEBHOOK_TOKEN: gitlab.webhook.token },
    discordApi: discord.api,
    onLog: (line: string) => void written.push(line),
  };
  let bot: LabBot | null = null;
  return {
    ...{ world, discord, services, gitlab },
    people,
    database: join(state, 'sentinel.db'),
    logged: () => written.join(''),
    bot() {
      if (bot === null) throw new Error('the bot was never started');
      return bot;
    },
    async startBot(as = 'inside') {
      bot = as === 'inside' ? await runInside(parts) : await runInProcess(parts);
      const ready = (): true | null => (discord.botOnline() && discord.state.commands.size > 0 ? true : null);
      await discord.waitFor(ready, { what: 'the bot to be online', within: 30_000 });
    },
    channel: () =>
      [...discord.state.messages.values()].filter(
        ({ channelId }) => channelId === discord.channel(channelName).id,
      ),
    async close() {
      await bot?.stop();
      await discord.close();
      await gitlab?.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

async function writeConfig(
  directory: string,
  parts: {
    readonly options: HouseOptions;
    readonly discord: DiscordLab;
    readonly services: ServicesRepository;
    readonly state: string;
    readonly gitlab: HouseGitlab | null;
    readonly ana: Person;
  },
): Promise<string> {
  const { options, discord, services, state, gitlab, ana } = parts;
  const lines = gitlab?.botLines({ ana: ana.id });
  const secrets = join(directory, 'secrets');
  await mkdir(secrets, { mode: 0o700 });
  for (const [name, value] of Object.entries(options.secrets ?? {}))
    await writeFile(join(secrets, name), `${value}\n`, { mode: 0o600 });
  const file = join(directory, 'bot.yml');
  const text = botText({
    guild: discord.state.guild.id,
    channel: discord.channel(channelName).id,
    roles: (options.roles ?? usualRoles).map(({ name, capabilities }) => ({
      ...{ name, capabilities },
      role: discord.role(name).id,
    })),
    repository: lines === undefined ? services.url : { lines: lines.repository },
    more: [lines?.server, options.botMore].filter((text) => text !== undefined).join('\n'),
    ...(gitlab === null ? {} : { listen: gitlab.webhook.port }),
    key: options.world.key.file,
    state,
    secrets,
    sendTo: options.sendTo ?? {},
    required: options.required ?? 1,
    expires: options.expires ?? '1h',
    ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
    ...(options.variablesOf === undefined ? {} : { variablesOf: options.variablesOf }),
  });
  await writeFile(file, text);
  return file;
}
