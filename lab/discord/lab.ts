import type { PermissionsString } from 'discord.js';
import { createChanges, type Changes } from './changes.ts';
import { createClock, type LabClock } from './clock.ts';
import { createContract, type Contract } from './contract/contract.ts';
import { createFaults, type Faults } from './faults.ts';
import { createGateway, type GatewayControl } from './gateway.ts';
import { createPopulation, type Population } from './population.ts';
import { createPerson, type Person } from './person/person.ts';
import { createRateLimiter, usualLimits, type LimitSettings } from './rate-limits.ts';
import { commandRoutes } from './rest/commands.ts';
import { gatewayRoutes } from './rest/gateway.ts';
import { guildRoutes } from './rest/guilds.ts';
import { interactionRoutes } from './rest/interactions.ts';
import { messageRoutes } from './rest/messages.ts';
import { threadRoutes } from './rest/threads.ts';
import { webhookRoutes } from './rest/webhooks.ts';
import { listen } from '../listen.ts';
import { createRestServer } from './server.ts';
import { createIds } from './snowflake.ts';
import type { DiscordState, LabChannel, LabRole } from './state.ts';
import type { World } from './world.ts';

export interface DiscordOptions {
  readonly guild?: string;
  readonly botName?: string;
  /** Made once and by name; more can be added later. */
  readonly roles?: readonly string[];
  readonly channels?: readonly string[];
  readonly clock?: LabClock;
  readonly limits?: Partial<LimitSettings>;
  readonly heartbeatMs?: number;
  /** Path of Discord's OpenAPI description; `false` switches the check off. Found beside the checkout unless told. */
  readonly contract?: string | false;
}

/** Discord on loopback. Point a client at `api` and log in with `token`. */
export interface DiscordLab {
  /** For `rest.api`. */
  readonly api: string;
  readonly token: string;
  readonly state: DiscordState;
  readonly clock: LabClock;
  readonly faults: Faults;
  readonly gateway: GatewayControl;
  readonly contract: Contract;
  readonly waitFor: Changes['waitFor'];
  /** Calls after every change of the state, until what it returns is called. */
  readonly onChange: Changes['onChange'];
  role(name: string, permissions?: readonly PermissionsString[]): LabRole;
  channel(name: string): LabChannel;
  /** Makes a webhook of a channel and answers its address. */
  webhook(channel: string, name?: string): string;
  /** Takes permissions from the bot in one channel, or gives them back with an empty list. */
  denyBot(channel: string, permissions: readonly PermissionsString[]): void;
  /** Makes a person, or finds one and gives them other roles. */
  user(name: string, options?: { readonly roles?: readonly string[] }): Person;
  /** Somebody who is there already; undefined when nobody has this id, or it is no person's. */
  person(id: string): Person | undefined;
  /** A session of the bot is connected to the gateway. */
  botOnline(): boolean;
  /** Everything refuses connections, until `comeBack()` on the same port. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  /** Ends the lab; throws when a request broke Discord's contract, a requested fault was never met or an unknown route was called. */
  close(): Promise<void>;
}

export async function startDiscord(options: DiscordOptions = {}): Promise<DiscordLab> {
  const clock = options.clock ?? createClock();
  const newId = createIds(clock.now);
  const changes = createChanges();
  const faults = createFaults();
  const contract = createContract(options.contract);
  let port = 0;
  const gateway = createGateway(() => world, options.heartbeatMs ?? 41_250);
  const population = createPopulation(newId, clock, options);
  const world: World = {
    state: population.state,
    clock,
    token: `${population.state.botId}.lab.${newId()}`,
    newId,
    origin: () => `http://127.0.0.1:${port}`,
    dispatch: gateway.dispatch,
    changed: changes.changed,
  };
  const routes = [
    ...gatewayRoutes(() => gateway.identifies),
    ...commandRoutes(),
    ...interactionRoutes,
    ...webhookRoutes,
    ...messageRoutes,
    ...threadRoutes,
    ...guildRoutes,
  ];
  const limiter = createRateLimiter(world, { ...usualLimits, ...options.limits });
  const server = createRestServer({ world, routes, faults, limiter, inspect: contract.inspect });
  server.on('upgrade', gateway.upgrade);
  port = await listen(server, 0);

  const goDown = () =>
    new Promise<void>((resolve) => {
      gateway.drop();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    api: `${world.origin()}/api`,
    token: world.token,
    state: world.state,
    clock,
    faults,
    gateway,
    contract,
    waitFor: changes.waitFor,
    onChange: changes.onChange,
    ...peopleOf(world, population, changes),
    botOnline: gateway.connected,
    goDown,
    comeBack: async () => {
      await listen(server, port);
    },
    async close() {
      if (server.listening) await goDown();
      const complaints = [
        ...contract.violations.map((violation) => `contract: ${violation}`),
        ...faults.unused().map((fault) => `fault never met: ${fault}`),
        ...world.state.unknownRoutes.map((route) => `unknown route: ${route}`),
      ];
      if (complaints.length > 0) throw new Error(`Discord lab:\n${complaints.join('\n')}`);
    },
  };
}

function peopleOf(world: World, population: Population, changes: Changes) {
  const channel = (name?: string) => population.findChannel(name);
  return {
    role: (name: string, permissions: readonly PermissionsString[] = []) =>
      population.role(world, name, permissions),
    channel: (name: string) => population.channel(world, name),
    webhook: (channel: string, name = 'Captain Hook') => {
      const { id, token } = population.webhook(world, channel, name);
      return `${world.origin()}/api/webhooks/${id}/${token}`;
    },
    denyBot: (name: string, permissions: readonly PermissionsString[]) =>
      population.denyBot(world, name, permissions),
    user: (name: string, { roles }: { readonly roles?: readonly string[] } = {}): Person =>
      createPerson({ world, changes, channel }, population.user(world, name, roles)),
    person: (id: string): Person | undefined => {
      const user = world.state.users.get(id);
      return user === undefined || user.bot ? undefined : createPerson({ world, changes, channel }, user);
    },
  };
}
