import {
  Client,
  DiscordAPIError,
  Events,
  GatewayDispatchEvents,
  GatewayIntentBits,
  type REST,
  RESTEvents,
  Routes,
  Status,
} from 'discord.js';
import type { Clock, Log } from '../engine/index.ts';
import { createRest, restOptions } from './rest.ts';
import { StartError } from './start-error.ts';

/** The connection to Discord: interactions come in by the gateway, everything goes out by REST. */
export interface Gateway {
  readonly rest: REST;
  readonly client: Client;
  /** Waits while Discord is away, then logs in. Throws StartError when that cannot work. */
  login(signal: AbortSignal): Promise<{ readonly application: string }>;
  pulse(): Pulse;
  stop(): Promise<void>;
}
export interface Pulse {
  readonly connected: boolean;
  /** When Discord last answered a heartbeat; null before the first connection. */
  readonly lastBeatAt: Date | null;
}
export interface GatewayParts {
  readonly token: string;
  /** Another address than Discord's own, without a slash at the end. */
  readonly api?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onInteraction: (payload: unknown) => void;
  /** A connection or a new session is there after one was not. */
  readonly onConnected: () => void;
  /** Nothing will work any more; the process must end. */
  readonly onFatal: (error: StartError) => void;
}

const loginMs = 60_000;
const retryMs = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

export function createGateway(parts: GatewayParts): Gateway {
  const { token, clock, log } = parts;
  const where = parts.api === undefined ? {} : { api: parts.api };
  // One of our own, since the client's loses its token with the first failed login.
  const rest = createRest({ token, ...where });
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    shards: [0], // otherwise read from the environment
    shardCount: 1,
    rest: restOptions(where),
  });
  let connectedAt: Date | null = null;
  let stopping = false;

  function fatal(message: string): void {
    if (stopping) return;
    log.error({ reason: message }, 'the connection to Discord is lost for good');
    parts.onFatal(new StartError(message));
  }
  function connected(): void {
    connectedAt = clock.now();
    parts.onConnected();
  }

  rest.on(RESTEvents.Response, ({ path }, { status }) => {
    if (status === 401 && !isInteractionPath(path)) fatal(refusedToken);
  });
  rest.on(RESTEvents.InvalidRequestWarning, (warning) =>
    log.warn({ warning }, 'Discord refuses many of our requests'),
  );
  client.ws.on(GatewayDispatchEvents.InteractionCreate, (payload: unknown) => parts.onInteraction(payload));
  client.on(Events.ShardReady, connected);
  client.on(Events.ShardResume, connected);
  client.on(Events.ShardReconnecting, () => log.warn({}, 'the gateway connection dropped; reconnecting'));
  client.on(Events.ShardDisconnect, ({ code }) =>
    fatal(`Discord closed the connection for good (code ${code}). Check the token and the bot's settings.`),
  );
  client.on(Events.Invalidated, () => fatal('Discord ended the session for good.'));
  client.on(Events.ShardError, (error) => log.warn({ err: error }, 'gateway connection error'));
  client.on(Events.Error, (error) => log.error({ err: error }, 'the Discord client reported an error'));
  client.on(Events.Warn, (message) => log.warn({ message }, 'the Discord client warned'));

  return {
    rest,
    client,
    async login(signal) {
      await waitForDiscord(rest, { clock, log, signal });
      const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
      const timer = new AbortController();
      const late = clock.wait(loginMs, AbortSignal.any([timer.signal, signal])).then(() => {
        throw new StartError(`Discord did not let the bot log in within ${loginMs / 1000} s.`);
      });
      try {
        await Promise.race([client.login(token).then(() => ready), late]);
      } catch (error) {
        await client.destroy();
        // A second client in this process would fight with what the first left behind: let the supervisor restart us.
        throw error instanceof StartError
          ? error
          : new StartError('Discord refused the login.', { cause: error });
      } finally {
        timer.abort();
        late.catch(() => undefined);
      }
      return { application: client.application?.id ?? '' };
    },
    pulse() {
      const shard = client.ws.shards.first();
      const beat = shard && shard.lastPingTimestamp > 0 ? shard.lastPingTimestamp : 0;
      const latest = Math.max(beat, connectedAt?.getTime() ?? 0);
      return { connected: shard?.status === Status.Ready, lastBeatAt: latest > 0 ? new Date(latest) : null };
    },
    async stop() {
      stopping = true;
      await client.destroy();
    },
  };
}

const refusedToken = 'Discord refused the bot token. Put the right one in place and start again.';

/** These carry their own short-lived token. */
function isInteractionPath(path: string): boolean {
  return path.startsWith('/interactions/') || path.startsWith('/webhooks/');
}

/** Only this plain question is repeated; a failed login never is. */
async function waitForDiscord(
  rest: REST,
  { clock, log, signal }: { readonly clock: Clock; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      await rest.get(Routes.gatewayBot(), { signal });
      return;
    } catch (error) {
      if (error instanceof DiscordAPIError && error.status === 401) throw new StartError(refusedToken);
      const pause = retryMs[Math.min(attempt, retryMs.length - 1)] ?? 30_000;
      log.warn({ err: error, retryInMs: pause }, 'Discord does not answer; trying again');
      await clock.wait(pause, signal);
    }
  }
}
