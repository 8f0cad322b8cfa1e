import type { Gitlab } from './gitlab.ts';
import { GitlabRefusal } from './refusal.ts';
import { read, readAll, type Reader } from './shapes.ts';

/** A project of a GitLab server. */
export interface GitlabProject {
  readonly id: number;
  /** `homelab/services` */
  readonly path: string;
  readonly name: string;
  /** Its page, for people. */
  readonly url: string;
  /** For git over HTTPS. */
  readonly cloneUrl: string;
  /** Null in an empty repository. */
  readonly defaultBranch: string | null;
  /** The group it is in, or null for one of a person. */
  readonly group: string | null;
}

const definition = 'service.yml';
const mostPages = 20;

export async function readProject(
  gitlab: Gitlab,
  project: number | string,
  signal: AbortSignal,
): Promise<GitlabProject> {
  return parseProject(read(await gitlab.api(signal).projects.show(project)));
}

/** Every project of a group and of the groups in it that has a `service.yml` on its default branch, by path. */
export async function discoverProjects(
  gitlab: Gitlab,
  { group }: { readonly group: number | string },
  signal: AbortSignal,
): Promise<readonly GitlabProject[]> {
  const query = { includeSubgroups: true, archived: false, withShared: false };
  const answer = await gitlab
    .api(signal)
    .groups.allProjects(group, { ...query, perPage: 100, maxPages: mostPages });
  const projects = readAll(answer)
    // older servers do not know every filter
    .filter((project) => !project.flag('archived'))
    .map(parseProject);
  const defined = await Promise.all(
    projects.map(async (project) => ((await hasDefinition(gitlab, project, signal)) ? [project] : [])),
  );
  return defined.flat().sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function hasDefinition(gitlab: Gitlab, project: GitlabProject, signal: AbortSignal): Promise<boolean> {
  if (project.defaultBranch === null) return false;
  try {
    await gitlab.api(signal).files.show(project.id, definition, project.defaultBranch);
    return true;
  } catch (error) {
    if (error instanceof GitlabRefusal && error.status === 404) return false;
    throw error;
  }
}

function parseProject(project: Reader): GitlabProject {
  const namespace = project.object('namespace');
  return {
    id: project.number('id'),
    path: project.text('path_with_namespace'),
    name: project.textOr('name', project.text('path_with_namespace')),
    url: project.text('web_url'),
    cloneUrl: project.text('http_url_to_repo'),
    defaultBranch: project.textOr('default_branch', null),
    group: namespace?.textOr('kind', '') === 'group' ? namespace.text('full_path') : null,
  };
}
