import type { OpenStore } from '../data/index.ts';
import { createSource } from '../engine/definitions/index.ts';
import type { Log, Pipelines, Repository, Source } from '../engine/index.ts';
import {
  createGitRepository,
  mirrorDirectory,
  type GitRepositoryOptions,
} from '../engine/providers/git/repository.ts';
import type { Gitlab } from '../engine/providers/gitlab/gitlab.ts';
import { createPipelines } from '../engine/providers/gitlab/pipelines.ts';
import { discoverProjects, readProject } from '../engine/providers/gitlab/projects.ts';
import { createGitlabRepository } from '../engine/providers/gitlab/repository.ts';
import type { BotConfig } from './config.ts';
import type { RepositoryConfig } from './config-repository.ts';
import type { Variables } from './config-reading.ts';
import { projectName, readProjects, type ForgeProject } from './gitlab/projects.ts';
import { withoutTwins, type Named } from './twins.ts';

export interface SourcesParts {
  readonly config: BotConfig;
  /** Null where no repository is on one. */
  readonly gitlab: Gitlab | null;
  /** Remembers which projects there were, for a start while GitLab is away. */
  readonly store: Pick<OpenStore, 'getMeta' | 'setMeta'>;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long GitLab may take to tell what a group has; half a minute unless told. */
  readonly answerMs?: number;
  /** Goes on without a repository GitLab does not tell about; without this, that ends the start. */
  readonly leaveOut?: (repository: RepositoryConfig, error: unknown) => void;
  /** For who only reads what is there now: no history. */
  readonly onlyTips?: boolean;
}

const usualAnswerMs = 30_000;

/** Every repository of bot.yml, and every project of its groups. What a group has is looked up once, at the start. */
export async function createSources(parts: SourcesParts): Promise<readonly Source[]> {
  const { config, gitlab, log, onlyTips = false } = parts;
  const projects = await Promise.all(config.repositories.map((repository) => orLeftOut(repository, parts)));
  const found: (Named & { readonly source: () => Source })[] = [];
  for (const [index, repository] of config.repositories.entries()) {
    const { name, place } = repository;
    const group = place.kind === 'group' ? place.group : null;
    if (place.kind === 'git')
      found.push({
        name,
        group,
        source: () => gitSource(repository, { url: place.url, config, log, onlyTips }),
      });
    else if (gitlab !== null)
      for (const project of projects[index] ?? []) {
        const source = (): Source => projectSource({ repository, project, gitlab, config, log, onlyTips });
        found.push({ name: projectName(repository, project.path), group, source });
      }
  }
  return withoutTwins(found, log).map(({ source }) => source());
}

async function orLeftOut(
  repository: RepositoryConfig,
  parts: SourcesParts,
): Promise<readonly ForgeProject[]> {
  const { gitlab, leaveOut } = parts;
  if (gitlab === null) return [];
  try {
    return await projectsOf(repository, gitlab, parts);
  } catch (error) {
    if (leaveOut === undefined || parts.signal.aborted) throw error;
    leaveOut(repository, error);
    return [];
  }
}

/** A project named by its path needs nobody to be asked. */
async function projectsOf(
  { place }: RepositoryConfig,
  gitlab: Gitlab,
  { config, store, log, signal, answerMs = usualAnswerMs }: SourcesParts,
): Promise<readonly ForgeProject[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
  const asked = { store, log };
  switch (place.kind) {
    case 'git':
      return [];
    case 'project': {
      const { project } = place;
      if (!/^\d+$/.test(project)) return [{ path: project, cloneUrl: null }];
      return readProjects({ ...asked, key: `project ${project}` }, async () => [
        await readProject(gitlab, Number(project), limit),
      ]);
    }
    case 'group': {
      const { group } = place;
      const found = await readProjects({ ...asked, key: `group ${group}` }, () =>
        discoverProjects(gitlab, { group: /^\d+$/.test(group) ? Number(group) : group }, limit),
      );
      log.info({ group, projects: found.map(({ path }) => path) }, 'projects of a group');
      const named = config.repositories.map((each) =>
        each.place.kind === 'project' ? each.place.project : '',
      );
      return found.filter(({ path }) => !named.includes(path));
    }
  }
}

interface SourceParts {
  readonly config: BotConfig;
  readonly log: Log;
  readonly onlyTips: boolean;
}

function gitSource(
  repository: RepositoryConfig,
  { url, ...parts }: { readonly url: string } & SourceParts,
): Source {
  const { credential } = repository;
  const made = createGitRepository({
    ...gitOptions({ repository, name: repository.name, ...parts }),
    url,
    ...(credential === null
      ? {}
      : { credential: { user: credential.user, password: () => credential.password } }),
  });
  return sourceOf(repository, { repository: made, pipelines: null });
}

function projectSource({
  repository,
  project: { path, cloneUrl },
  gitlab,
  ...parts
}: {
  readonly repository: RepositoryConfig;
  readonly project: ForgeProject;
  readonly gitlab: Gitlab;
} & SourceParts): Source {
  const { config } = parts;
  const name = projectName(repository, path);
  const { labels, message, environments } = repository;
  const made = createGitlabRepository({
    ...gitOptions({ repository, name, ...parts }),
    ...{ gitlab, project: path, environments, labels, people: personOf(config) },
    ...(cloneUrl === null ? {} : { url: cloneUrl }),
    ...(message === null ? {} : { messageTemplate: message }),
    ...(config.gitlab?.ca ? { caFile: config.gitlab.ca.file } : {}),
  });
  return sourceOf(repository, { repository: made, pipelines: createPipelines({ gitlab, project: path }) });
}

function sourceOf(
  { layout, inventory, servicesPath, route, environments }: RepositoryConfig,
  made: { readonly repository: Repository; readonly pipelines: Pipelines | null },
): Source {
  return createSource({
    ...made,
    ...{ layout, route, name: made.repository.name },
    routes: Object.fromEntries(Object.entries(environments).map(([name, each]) => [name, each.route])),
    environmentPaths: Object.fromEntries(
      Object.entries(environments).flatMap(([name, { path }]) => (path === null ? [] : [[name, path]])),
    ),
    ...(servicesPath === null ? {} : { servicesPath }),
    ...(inventory === null ? {} : { fallbackInventory: inventory }),
  });
}

function gitOptions({
  repository: { environments, keyFile },
  name,
  config,
  log,
  onlyTips,
}: {
  readonly repository: RepositoryConfig;
  readonly name: string;
} & SourceParts): Omit<GitRepositoryOptions, 'url' | 'credential' | 'environments'> &
  Pick<RepositoryConfig, 'environments'> {
  const { state, knownHosts } = config;
  const [first = 'production'] = Object.keys(environments);
  return {
    ...{ name, log, environments, onlyTips },
    defaultEnvironment: config.environments.find((environment) => environments[environment]) ?? first,
    mirrorDirectory: mirrorDirectory(state, name),
    committer: { name: 'Sentinel', email: 'sentinel@localhost' },
    ssh: {
      ...(keyFile === null ? {} : { keyFile }),
      ...(knownHosts === null ? {} : { knownHostsFile: knownHosts.file }),
    },
    env: inheritable(config.secrets.env),
  };
}

/** What somebody's commits carry. Where their address is not known, one nobody has. */
function personOf({ people }: BotConfig): (actor: string) => { name: string; email: string } | null {
  return (actor) => {
    const found = people.find(({ discord }) => actor === `discord:${discord}`);
    if (found === undefined) return null;
    const { gitlab, name, email } = found;
    return { name: name ?? gitlab, email: email ?? `${gitlab}@sentinel.invalid` };
  };
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
