import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { openStore } from '../data/index.ts';
import { parseInventory } from '../engine/definitions/index.ts';
import { createEngine } from '../engine/engine.ts';
import { ProblemError, type Clock, type EngineOptions, type Log, type Result } from '../engine/index.ts';
import { createClock } from '../engine/providers/clock.ts';
import { createGitlab, type Gitlab } from '../engine/providers/gitlab/gitlab.ts';
import { createNotifier } from '../engine/providers/notify/notifier.ts';
import { createProbe } from '../engine/providers/probe.ts';
import { createSecrets } from '../engine/providers/secrets.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import type { PrivateKey } from '../engine/providers/ssh/connect.ts';
import { createHosts } from '../engine/providers/ssh/hosts.ts';
import { runBot, type BotParts, type RunningBot } from './bot.ts';
import { readConfig, type BotConfig } from './config.ts';
import type { Variables } from './config-reading.ts';
import { usualPace } from './config-gitlab.ts';
import { createEnvironmentSecrets } from './environment-secrets.ts';
import { createLog } from './log.ts';
import { createSources } from './sources.ts';
import type { Pace } from './story/teller.ts';

export type { RunningBot } from './bot.ts';

/** What a lab or a test puts in the place of the outside. */
export interface Overrides {
  /** Discord's REST address, without a slash at the end. */
  readonly discordApi?: string;
  readonly clock?: Clock;
  /** Where log lines go; standard output unless told. */
  readonly logTo?: DestinationStream;
  readonly pace?: Pace;
  readonly lockHolder?: string;
  /** Aborting gives up a start that still waits. */
  readonly signal?: AbortSignal;
}

/** Reads bot.yml and the environment; answers every problem at once, each with its place. */
export function loadConfig(from: { readonly file: string; readonly env: Variables }): Result<BotConfig> {
  return readConfig({ ...from, parseInventory });
}

/** Builds everything from the configuration and starts. Throws StartError or ProblemError with what to do. */
export async function startBot(config: BotConfig, overrides: Overrides = {}): Promise<RunningBot> {
  const { env, directory, prefix, own, sendTo } = config.secrets;
  const clock = overrides.clock ?? createClock();
  const secrets = createSecrets({ env, directory, prefix, withheld: Object.keys(own), sendTo });
  const redact = (text: string): string => withoutOwn(own, secrets.redact(text));
  const log = createLog({
    ...{ level: config.level, redact },
    ...(overrides.logTo ? { to: overrides.logTo } : {}),
  });
  for (const warning of secrets.warnings) log.warn({}, warning);
  const store = openStore({ file: join(config.state, 'sentinel.db'), clock, log });
  const hosts = createHosts({ keys: keysOf(config), knownHosts: config.knownHosts?.text ?? null, log });
  const systems = createSystemClients({ secrets, clock, log });
  const gitlab = gitlabOf(config, { clock, log });
  const further = createEnvironmentSecrets({ config, gitlab, base: secrets, redact, clock, log });
  const closeAll = async (): Promise<void> => {
    await Promise.all([hosts.close(), systems.close(), gitlab?.close(), further.close()]);
  };
  const waiting = overrides.signal ?? new AbortController().signal;
  const sources = await orClose(createSources({ config, gitlab, store, log, signal: waiting }), async () => {
    store.close();
    await closeAll();
  });
  const engine = createEngine({
    ...{ store, hosts, systems, clock, log, secrets: { ...secrets, redact }, probe: createProbe() },
    notifier: createNotifier({ secrets, clock }),
    ...{ sources, access: config.access, approvals: config.approvals, environments: config.environments },
    ...{ ...forgeOptions(config), ...further.options },
  });
  const { discordApi, pace, lockHolder, signal } = overrides;
  return runBot({
    ...{ engine, store, access: config.access, clock, log },
    policyRoles: [config.approvals.fallback, ...config.approvals.rules].flatMap(({ roles }) => roles),
    discord: { ...config.discord, ...(discordApi === undefined ? {} : { api: discordApi }) },
    ...{ health: config.health, watchtower: config.watchtower, metrics: config.metrics },
    ...hooksOf(config),
    shutdownMs: config.shutdownMs,
    ...(pace ? { pace } : {}),
    ...(lockHolder === undefined ? {} : { lockHolder }),
    ...(signal ? { signal } : {}),
    close: closeAll,
  });
}

function hooksOf({ gitlab }: BotConfig): Pick<BotParts, 'gitlab' | 'lookMs'> {
  return { gitlab: gitlab?.webhook ?? null, lookMs: gitlab?.lookMs ?? null };
}

/** Who is who on the forge, and how patiently its pipelines are followed. */
function forgeOptions({ people, gitlab }: BotConfig): Pick<EngineOptions, 'people' | 'pace'> {
  const { lookMs, appearMs } = gitlab ?? usualPace;
  return {
    people: Object.fromEntries(people.map((person) => [person.gitlab, `discord:${person.discord}`])),
    pace: { lookMs, appearMs },
  };
}

/** Closes what was opened and passes on why it was for nothing. */
async function orClose<T>(made: Promise<T>, close: () => Promise<void>): Promise<T> {
  try {
    return await made;
  } catch (error) {
    await close();
    throw error;
  }
}

export function gitlabOf(
  { gitlab }: BotConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Gitlab | null {
  if (gitlab === null) return null;
  const { url, token, ca } = gitlab;
  return createGitlab({ url, token: () => token, ca: ca?.text ?? null, clock, log });
}

/** Read at each connection, so that a replaced key counts at once. */
export function keysOf({ keys }: BotConfig): (name: string) => PrivateKey {
  return (name) => {
    const found = keys[name];
    if (found === undefined)
      throw new ProblemError({
        code: 'authentication-failed',
        message: `No SSH key is called ${name}.`,
        hint: 'Name it under ssh.keys in bot.yml, or correct the name in sentinel.yml.',
      });
    const { file, passphrase } = found;
    try {
      const key = readFileSync(file);
      return passphrase === null ? key : { key, passphrase };
    } catch (cause) {
      throw new ProblemError(
        {
          code: 'authentication-failed',
          message: `The SSH key ${name} cannot be read from ${file}.`,
          hint: 'Let the user Sentinel runs as read it.',
        },
        { cause },
      );
    }
  };
}

/** The bot's own secrets are out of the engine's reach, so they are replaced here. */
export function withoutOwn(own: Readonly<Record<string, string>>, text: string): string {
  return Object.entries(own).reduce(
    (clean, [name, value]) => (value === '' ? clean : clean.replaceAll(value, `[secret ${name}]`)),
    text,
  );
}
