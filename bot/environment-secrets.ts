import type { Clock, EngineOptions, Log } from '../engine/index.ts';
import type { Gitlab } from '../engine/providers/gitlab/gitlab.ts';
import { readVariables } from '../engine/providers/gitlab/variables.ts';
import { createLayeredSecrets } from '../engine/providers/layered-secrets.ts';
import type { SecretsWithWarnings } from '../engine/providers/secrets.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import type { BotConfig } from './config.ts';

type SystemClients = ReturnType<NonNullable<EngineOptions['systemsFor']>>;

export interface EnvironmentSecretsParts {
  readonly config: BotConfig;
  readonly gitlab: Gitlab | null;
  /** Those of files and variables. */
  readonly base: SecretsWithWarnings;
  /** Keeps Sentinel's own secrets out too. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  readonly log: Log;
}
export interface EnvironmentSecrets {
  readonly options: Pick<EngineOptions, 'secretsFor' | 'systemsFor'>;
  close(): Promise<void>;
}

/** What GitLab's CI/CD variables add to the secrets, by environment; nothing where bot.yml names none of its projects and groups. */
export function createEnvironmentSecrets(parts: EnvironmentSecretsParts): EnvironmentSecrets {
  const { config, gitlab, base, redact, clock, log } = parts;
  const holders = config.secrets.gitlab;
  if (gitlab === null || (holders.groups.length === 0 && holders.projects.length === 0))
    return { options: {}, close: () => Promise.resolve() };
  const layered = createLayeredSecrets({
    ...{ base, clock, log, place: 'GitLab' },
    read: (environment, signal) => readVariables(gitlab, { holders, environment }, signal),
  });
  const clients = new Map<string, SystemClients>();
  return {
    options: {
      secretsFor: async (environment, signal) => ({ ...(await layered.read(environment, signal)), redact }),
      systemsFor(environment) {
        const made =
          clients.get(environment) ??
          createSystemClients({ secrets: layered.lastRead(environment), clock, log });
        clients.set(environment, made);
        return made;
      },
    },
    async close() {
      await Promise.all([...clients.values()].map((each) => each.close()));
    },
  };
}
