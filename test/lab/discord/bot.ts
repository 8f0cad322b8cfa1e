import {
  Client,
  EmbedBuilder,
  Events,
  GatewayIntentBits,
  type ClientOptions,
  type Interaction,
  type SendableChannels,
} from 'discord.js';
import { startDiscord, type DiscordLab, type DiscordOptions } from '../../../lab/discord/index.ts';

export interface Bot {
  readonly lab: DiscordLab;
  readonly client: Client<true>;
  readonly errors: Error[];
  /** Replaces what the bot does with interactions. */
  on(run: (interaction: Interaction<'cached'>) => Promise<unknown>): void;
  channel(name?: string): SendableChannels;
  stop(): Promise<void>;
}

export const commands = [
  {
    name: 'deploy',
    description: 'Deploys a service',
    options: [
      { type: 3, name: 'service', description: 'Which one', required: true, autocomplete: true },
      { type: 3, name: 'version', description: 'Image tag', max_length: 20 },
      { type: 4, name: 'replicas', description: 'How many', min_value: 1, max_value: 5 },
      {
        type: 3,
        name: 'environment',
        description: 'Where',
        choices: [
          { name: 'Production', value: 'production' },
          { name: 'Staging', value: 'staging' },
        ],
      },
    ],
  },
  {
    name: 'audit',
    description: 'The record',
    options: [{ type: 1, name: 'verify', description: 'Checks the chain' }],
  },
];

/** A lab and the unmodified client, logged in, with commands registered. */
export async function startBot(
  options: { lab?: DiscordOptions; client?: Partial<ClientOptions> } = {},
): Promise<Bot> {
  const lab = await startDiscord({
    roles: ['deployers', 'approvers'],
    channels: ['general', 'deployments'],
    ...options.lab,
  });
  const client = await login(lab, options.client);
  await client.application.commands.set(commands, lab.state.guild.id);
  const errors: Error[] = [];
  client.on(Events.Error, (error) => errors.push(error));
  let current: (interaction: Interaction<'cached'>) => Promise<unknown> = () => Promise.resolve();
  client.on(Events.InteractionCreate, (interaction) => {
    if (!interaction.inCachedGuild()) throw new Error('the guild is not cached');
    current(interaction).catch((error: unknown) =>
      errors.push(error instanceof Error ? error : new Error(String(error))),
    );
  });
  return {
    lab,
    client,
    errors,
    on: (run) => void (current = run),
    channel: (name = 'general') => {
      const channel = client.channels.cache.get(lab.channel(name).id);
      if (channel?.isSendable() !== true) throw new Error(`cannot send to ${name}`);
      return channel;
    },
    stop: async () => {
      await client.destroy();
      await lab.close();
    },
  };
}

export async function login(lab: DiscordLab, options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    ...options,
    rest: { api: lab.api, ...options.rest },
  });
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve));
  await client.login(lab.token);
  return ready;
}

export const card = (title: string) =>
  new EmbedBuilder().setTitle(title).setDescription('1 container changes').setColor(0x3498db);
