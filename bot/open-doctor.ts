import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '../commands/index.ts';
import { doctor, toProblem, type Clock, type Log, type Ports, type Source } from '../engine/index.ts';
import { createClock } from '../engine/providers/clock.ts';
import type { Gitlab } from '../engine/providers/gitlab/gitlab.ts';
import { discoverProjects } from '../engine/providers/gitlab/projects.ts';
import { createProbe } from '../engine/providers/probe.ts';
import { createSecrets, type SecretsWithWarnings } from '../engine/providers/secrets.ts';
import { createHosts } from '../engine/providers/ssh/hosts.ts';
import { createSystemClients } from '../engine/providers/systems.ts';
import type { BotConfig } from './config.ts';
import type { Variables } from './config-reading.ts';
import type { RepositoryConfig } from './config-repository.ts';
import { configurationFindings } from './doctor/configuration.ts';
import { discordCheck } from './doctor/discord.ts';
import { placesOf, type PortsFor } from './doctor/places.ts';
import { createEnvironmentSecrets } from './environment-secrets.ts';
import { createSources } from './sources.ts';
import { gitlabOf, keysOf, loadConfig, withoutOwn } from './start.ts';

export interface OpenDoctorParts {
  /** bot.yml */
  readonly file: string;
  readonly env: Variables;
  /** Only what needs no network. */
  readonly offline: boolean;
  /** Another address than Discord's own, without a slash at the end. */
  readonly discordApi?: string;
  /** How long each repository may take; half a minute unless told. */
  readonly repositoryMs?: number;
  readonly clock?: Clock;
}

/** All checks of the bot's host. The repositories are cloned into a folder of their own, which is gone afterwards. */
export function openDoctor(parts: OpenDoctorParts): doctor.Examination {
  const { file, env, offline, clock = createClock() } = parts;
  const read = loadConfig({ file, env });
  if (!read.ok) {
    const found = read.problems.map((problem) =>
      doctor.troubled({ area: 'configuration', subject: problem.where ?? file }, problem),
    );
    return {
      checks: [configuration(file, () => found)],
      more: () => [],
      redact: (text) => text,
      close: () => Promise.resolve(),
    };
  }
  const config = read.value;
  const own = configuration(file, () => configurationFindings(file, config, clock.now()));
  if (offline)
    return {
      checks: [own],
      more: () => [],
      redact: (text) => withoutOwn(config.secrets.own, text),
      close: () => Promise.resolve(),
    };
  return openOnline({ ...parts, config, own, clock });
}

function configuration(subject: string, look: () => readonly doctor.Finding[]): doctor.Check {
  return { area: 'configuration', subject, look: () => Promise.resolve().then(look) };
}

function openOnline({
  config,
  own,
  clock,
  discordApi,
  repositoryMs = 30_000,
}: OpenDoctorParts & {
  readonly config: BotConfig;
  readonly own: doctor.Check;
  readonly clock: Clock;
}): doctor.Examination {
  const { env, directory, prefix, own: withheld, sendTo } = config.secrets;
  const base = createSecrets({ env, directory, prefix, withheld: Object.keys(withheld), sendTo });
  const redact = (text: string): string => withoutOwn(withheld, base.redact(text));
  const scratch = mkdtempSync(join(tmpdir(), 'sentinel-doctor-'));
  const gitlab = gitlabOf(config, { clock, log: quiet });
  const outside = openOutside({ config, gitlab, base, redact, clock });
  const found: doctor.Place[] = [];
  const projects: string[] = [];
  const repositories: doctor.Check = {
    ...{ area: 'configuration', subject: 'repositories', limitMs: 3 * repositoryMs },
    async look(signal) {
      const late: doctor.Finding[] = [];
      const tell = (subject: string, error: unknown): void => {
        const message = `no answer within ${repositoryMs / 1000} s.`;
        const hint = 'Check that GitLab runs and that nothing on the way holds it up.';
        const problem = toProblem(error);
        const slow = problem.code === 'cancelled' || problem.code === 'unexpected';
        const told = slow ? { code: 'timed-out' as const, message, hint } : problem;
        late.push(doctor.troubled({ area: 'git', subject }, told));
      };
      const [sources] = await Promise.all([
        createSources({
          config: { ...config, state: scratch },
          gitlab,
          store: nothingRemembered,
          ...{ log: quiet, signal, answerMs: repositoryMs, onlyTips: true },
          leaveOut: ({ name, place }, error) => tell(place.kind === 'group' ? place.group : name, error),
        }),
        projectsOfGroups(config, gitlab, AbortSignal.any([signal, AbortSignal.timeout(repositoryMs)])).then(
          (paths) => projects.push(...paths),
        ),
      ]);
      const { places, findings } = await placesOf(
        withEnvironments(sources),
        { portsFor: outside.portsFor, limitMs: repositoryMs },
        signal,
      );
      found.push(...places);
      return [...late, ...findings];
    },
  };
  const discord = {
    config,
    commands,
    now: () => clock.now(),
    ...(discordApi === undefined ? {} : { api: discordApi }),
  };
  return {
    checks: [
      own,
      repositories,
      discordCheck(discord),
      ...(gitlab === null ? [] : [doctor.gitlabServerCheck(gitlab, () => clock.now())]),
    ],
    more: () => [
      ...(gitlab === null
        ? []
        : wantedProjects(config, projects).map((wanted) => doctor.gitlabProjectCheck(gitlab, wanted))),
      ...doctor.aroundChecks(found),
    ],
    redact,
    async close() {
      await Promise.all([outside.close(), gitlab?.close()]);
      rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

/** Hosts, systems and secrets as the bot's engine has them in each environment. */
function openOutside({
  config,
  gitlab,
  base,
  redact,
  clock,
}: {
  readonly config: BotConfig;
  readonly gitlab: Gitlab | null;
  readonly base: SecretsWithWarnings;
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}): { readonly portsFor: PortsFor; readonly close: () => Promise<void> } {
  const hosts = createHosts({
    keys: keysOf(config),
    knownHosts: config.knownHosts?.text ?? null,
    log: quiet,
  });
  const systems = createSystemClients({ secrets: base, clock, log: quiet });
  const further = createEnvironmentSecrets({ config, gitlab, base, redact, clock, log: quiet });
  const { secretsFor, systemsFor } = further.options;
  const probe = createProbe();
  return {
    async portsFor(environment, signal): Promise<Ports> {
      const secrets = secretsFor === undefined ? { ...base, redact } : await secretsFor(environment, signal);
      return {
        ...{ host: (entry) => hosts.get(entry), secrets, probe, clock, log: quiet },
        systems: systemsFor?.(environment) ?? systems,
      };
    },
    close: async () => {
      await Promise.all([hosts.close(), systems.close(), further.close()]);
    },
  };
}

function withEnvironments(sources: readonly Source[]): Parameters<typeof placesOf>[0] {
  return sources.map((source) => ({ source, environments: Object.keys(source.routes ?? {}) }));
}

async function projectsOfGroups(
  { repositories }: BotConfig,
  gitlab: Gitlab | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (gitlab === null) return [];
  const groups = repositories.flatMap(({ place }) => (place.kind === 'group' ? [place.group] : []));
  const found = await Promise.all(
    groups.map((group) =>
      // what goes wrong here went wrong with the repositories too, and is told there
      discoverProjects(gitlab, { group: /^\d+$/.test(group) ? Number(group) : group }, signal).catch(
        () => [],
      ),
    ),
  );
  return found.flat().map(({ path }) => path);
}

function wantedProjects(
  { repositories, gitlab }: BotConfig,
  ofGroups: readonly string[],
): readonly doctor.WantedProject[] {
  const wanted = (path: string, { environments }: RepositoryConfig): doctor.WantedProject => ({
    path,
    branches: Object.values(environments).map(({ branch, changes }) => ({ name: branch, changes })),
    webhook: (gitlab?.webhook ?? null) !== null,
  });
  return repositories.flatMap((repository) => {
    const { place } = repository;
    if (place.kind === 'project') return [wanted(place.project, repository)];
    if (place.kind === 'group')
      return ofGroups
        .filter((path) => path.startsWith(`${place.group}/`))
        .map((path) => wanted(path, repository));
    return [];
  });
}

const nothingRemembered = { getMeta: () => undefined, setMeta: () => undefined };

/** What goes wrong is told as a finding. */
const quiet: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
};
