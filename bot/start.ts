import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { openStore } from '../data/index.ts';
import { createSource, parseInventory } from '../engine/definitions/index.ts';
import { createEngine } from '../engine/engine.ts';
import { ProblemError, type Clock, type Log, type Result, type Source } from '../engine/index.ts';
import { createClock } from '../engine/providers/clock.ts';
import { createGitRepository, mirrorDirectory } from '../engine/providers/git/repository.ts';
import { createNotifier } from '../engine/providers/notify/notifier.ts';
import { createProbe } from '../engine/providers/probe.ts';
import { createSecrets } from '../engine/providers/secrets.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import type { PrivateKey } from '../engine/providers/ssh/connect.ts';
import { createHosts } from '../engine/providers/ssh/hosts.ts';
import { runBot, type RunningBot } from './bot.ts';
import { readConfig, type BotConfig } from './config.ts';
import type { Variables } from './config-reading.ts';
import type { RepositoryConfig } from './config-repository.ts';
import { createLog } from './log.ts';
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
  const engine = createEngine({
    ...{ store, hosts, systems, clock, log, secrets: { ...secrets, redact }, probe: createProbe() },
    notifier: createNotifier({ secrets, clock }),
    sources: config.repositories.map((repository) => sourceOf(repository, config, log)),
    ...{ access: config.access, approvals: config.approvals, environments: config.environments },
    people: {},
    pace: { lookMs: 20_000, appearMs: 120_000 },
  });
  const { discordApi, pace, lockHolder, signal } = overrides;
  return runBot({
    ...{ engine, store, access: config.access, clock, log },
    policyRoles: [config.approvals.fallback, ...config.approvals.rules].flatMap(({ roles }) => roles),
    discord: { ...config.discord, ...(discordApi === undefined ? {} : { api: discordApi }) },
    ...{ health: config.health, watchtower: config.watchtower },
    shutdownMs: config.shutdownMs,
    ...(pace ? { pace } : {}),
    ...(lockHolder === undefined ? {} : { lockHolder }),
    ...(signal ? { signal } : {}),
    close: async () => {
      await Promise.all([hosts.close(), systems.close()]);
    },
  });
}

function sourceOf(repository: RepositoryConfig, config: BotConfig, log: Log): Source {
  const { name, url, layout, credential, keyFile, inventory, servicesPath } = repository;
  const { state, environments, knownHosts } = config;
  const [first = 'production'] = Object.keys(repository.environments);
  const known = environments.find((environment) => repository.environments[environment]) ?? first;
  return createSource({
    repository: createGitRepository({
      ...{ name, url, log, environments: repository.environments, defaultEnvironment: known },
      mirrorDirectory: mirrorDirectory(state, name),
      committer: { name: 'Sentinel', email: 'sentinel@localhost' },
      ssh: {
        ...(keyFile === null ? {} : { keyFile }),
        ...(knownHosts === null ? {} : { knownHostsFile: knownHosts.file }),
      },
      env: inheritable(config.secrets.env),
      ...(credential === null
        ? {}
        : { credential: { user: credential.user, password: () => credential.password } }),
    }),
    layout,
    name,
    ...(servicesPath === null ? {} : { servicesPath }),
    ...(inventory === null ? {} : { fallbackInventory: inventory }),
  });
}

/** What git may see of our environment: how to reach things, and no secret. */
function inheritable(env: Variables): Variables {
  const names = [
    'PATH',
    'HOME',
    'USER',
    'LANG',
    'TZ',
    'TMPDIR',
    'SSH_AUTH_SOCK',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
  ];
  const proxies = Object.keys(env).filter((name) => /^(https?|all|no)_proxy$/i.test(name));
  return Object.fromEntries(
    [...names, ...proxies].flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}

/** Read at each connection, so that a replaced key counts at once. */
function keysOf({ keys }: BotConfig): (name: string) => PrivateKey {
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
function withoutOwn(own: Readonly<Record<string, string>>, text: string): string {
  return Object.entries(own).reduce(
    (clean, [name, value]) => (value === '' ? clean : clean.replaceAll(value, `[secret ${name}]`)),
    text,
  );
}
