import { randomUUID } from 'node:crypto';
import { commands } from '../commands/index.ts';
import type { OpenStore } from '../data/index.ts';
import type { Access, Clock, Engine, Log, Proposal } from '../engine/index.ts';
import { createChat } from './chat.ts';
import { createGateway } from './gateway.ts';
import { checkUp, startHealth, type Health } from './health.ts';
import { acquireInstanceLock } from './lock.ts';
import { approverRoles, callable, maySee } from './access.ts';
import { createIllustrate, createPaint } from './pictures/paint.ts';
import { findChannel, missingPermissions, unmentionable } from './permissions.ts';
import { registerCommands } from './register.ts';
import { createMemory } from './remembered.ts';
import { createRouter } from './router.ts';
import { createStories } from './story/stories.ts';
import { calmPace, createTeller, type Pace } from './story/teller.ts';
import { newsTale } from './story/tales.ts';
import { renderWatchtower } from './render/watchtower.ts';
import { createGitlabHook, gitlabPath, type HookSecrets } from './gitlab/hook.ts';
import type { Hook } from './hooks/hook.ts';
import { createMetrics } from './metrics/metrics.ts';
import { createMetricsPage, metricsPath } from './metrics/page.ts';
import { startRounds, type Rounds } from './rounds.ts';
import { readVersion } from './version.ts';
import { createWatchtowerHook, watchtowerPath } from './watchtower/hook.ts';
import { isUnwanted } from './watchtower/news.ts';

export interface RunningBot {
  readonly healthPort: number;
  /** Rejects when the bot cannot go on: the token was refused, the session ended for good. */
  readonly failed: Promise<never>;
  /** Accepts nothing more, lets deployments end, tells what is left to tell, and closes. Twice is fine. */
  stop(): Promise<void>;
}

/** Everything a bot is made of, ready to use. */
export interface BotParts {
  readonly engine: Engine;
  readonly store: OpenStore;
  readonly access: Access;
  /** Roles the approval policy names. */
  readonly policyRoles?: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly discord: {
    readonly token: string;
    readonly guild: string;
    readonly channel: string;
    readonly api?: string;
  };
  readonly health: { readonly host: string; readonly port: number };
  /** Who may tell what Watchtower did; nobody where it is left out. */
  readonly watchtower?: { readonly token: string } | null;
  /** What a reader of the metrics has to show; nothing where it is left out. */
  readonly metrics?: { readonly token: string } | null;
  /** Who may tell what happens in GitLab; nobody where it is left out. */
  readonly gitlab?: HookSecrets | null;
  /** How often pipelines nobody told of are looked for; never where it is left out. */
  readonly lookMs?: number | null;
  readonly shutdownMs: number;
  readonly pace?: Pace;
  readonly lockHolder?: string;
  /** Aborting gives up a start that waits for Discord or for another bot. */
  readonly signal?: AbortSignal;
  /** Called last, when nothing uses the store or the hosts any more. */
  readonly close?: () => Promise<void>;
}

/** Starts answering. What an earlier run left untold or undecided is taken up first. */
export async function runBot(parts: BotParts): Promise<RunningBot> {
  const { engine, store, clock, log, discord } = parts;
  const stopping = new AbortController();
  const givingUp = AbortSignal.any([stopping.signal, ...(parts.signal ? [parts.signal] : [])]);
  const lock = await acquireInstanceLock({
    ...{ locks: store.locks, clock, log, signal: givingUp },
    ...(parts.lockHolder === undefined ? {} : { holder: parts.lockHolder }),
  }).catch(async (error: unknown) => {
    store.close();
    await parts.close?.();
    throw error;
  });
  const { promise: failed, reject: fail } = failure();
  const inFlight = new Set<Promise<void>>();
  let closing = false;

  const paint = createPaint(log);
  const gateway = createGateway({
    ...{ token: discord.token, clock, log, onFatal: fail },
    ...(discord.api === undefined ? {} : { api: discord.api }),
    onConnected: () => teller.retryNow(),
    onInteraction(payload) {
      const handled = router.handle(payload).finally(() => inFlight.delete(handled));
      inFlight.add(handled);
    },
  });
  const teller = createTeller({
    ...{ chat: createChat(gateway.rest, paint), messages: store.messages, clock, log },
    ...{ channel: discord.channel, pace: parts.pace ?? calmPace },
  });
  const link = (channel: string): string => `https://discord.com/channels/${discord.guild}/${channel}`;
  const approvers = (proposal: Proposal): readonly string[] => approverRoles(parts.access, proposal);
  const stories = createStories({
    ...{ teller, engine, store, link, approvers, illustrate: createIllustrate(log) },
  });
  const router = createRouter({
    ...{ engine, commands, store, stories, log, rest: gateway.rest, paint, stopping: stopping.signal },
    ...{ guild: discord.guild, channel: discord.channel },
    memory: createMemory(engine, clock, stopping.signal),
    maySee: (actor, environment) => maySee(parts.access, actor, environment),
    closing: () => closing,
  });
  const signs = { clock, pulse: () => gateway.pulse(), lastWriteAt: () => store.lastWriteAt() };
  const metrics = createMetrics({
    ...{ store, clock, version: readVersion(), checkUp: () => checkUp(signs) },
    services: () => engine.services().map(({ name }) => name),
    environments: engine.environments(),
  });
  let open = false;
  let health: Health | null = null;
  let rounds: Rounds | null = null;
  let stopped: Promise<void> | null = null;

  try {
    health = await startHealth({
      ...{ ...parts.health, ...signs, hooks: hooks() },
      open: () => open && !closing,
    });
    engine.watch((event) => stories.onEvent(event));
    engine.watch((event) => metrics.onEvent(event));
    for (const { id } of engine.recover()) stories.interrupted(id);
    stories.resume();
    rounds = startRounds({
      ...{ engine, stories, log, lookMs: parts.lookMs ?? null, stopping: stopping.signal },
    });
    const { application } = await gateway.login(givingUp);
    const published = await registerCommands(gateway.rest, store, {
      ...{ application, guild: discord.guild, commands },
    });
    const channel = await findChannel(gateway.client, discord);
    const missing = channel && (await missingPermissions(channel));
    if (missing) log.error({ channel: discord.channel }, missing);
    const silent =
      channel && (await unmentionable(channel, [...callable(parts.access), ...(parts.policyRoles ?? [])]));
    if (silent) log.warn({ channel: discord.channel }, silent);
    open = true;
    log.info({ application, guild: discord.guild, commands: published }, 'the bot is ready');
  } catch (error) {
    await stop();
    throw error;
  }
  return { healthPort: health.port, failed, stop };

  function hooks(): Readonly<Record<string, Hook>> {
    return {
      [metricsPath]: createMetricsPage(metrics, { token: parts.metrics?.token ?? null, log }),
      ...(parts.watchtower ? { [watchtowerPath]: watchtowerHook(parts.watchtower.token) } : {}),
      ...(parts.gitlab ? { [gitlabPath]: gitlabHook(parts.gitlab) } : {}),
    };
  }

  function watchtowerHook(token: string): Hook {
    return createWatchtowerHook({
      ...{ token, clock, log },
      tell(news) {
        const services = engine.services();
        if (isUnwanted(news, services)) return;
        const card = renderWatchtower(news, services);
        teller.tell(newsTale(`watchtower:${randomUUID()}`, card));
      },
    });
  }

  function gitlabHook(secrets: HookSecrets): Hook {
    return createGitlabHook({
      ...{ secrets, clock, log, claim: (id) => store.claimHook(id) },
      tell(news) {
        if (closing) return;
        if (news.kind === 'push') rounds?.refresh();
        else if (news.kind === 'pipeline') engine.pipelineNews(news);
      },
    });
  }

  function stop(): Promise<void> {
    stopped ??= close();
    return stopped;
  }

  async function close(): Promise<void> {
    log.info({}, 'stopping');
    closing = true;
    const resting = rounds?.stop();
    await engine.stop(parts.shutdownMs);
    stopping.abort();
    await resting;
    await Promise.allSettled(inFlight);
    await teller.stop();
    await gateway.stop();
    await Promise.allSettled(inFlight); // those that came while the story was told to its end
    await health?.close();
    lock.release();
    store.close();
    await parts.close?.();
    log.info({}, 'stopped');
  }
}

/** A rejection nobody has to be waiting for. */
function failure(): { readonly promise: Promise<never>; readonly reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_, no) => (reject = no));
  promise.catch(() => undefined);
  return { promise, reject };
}
