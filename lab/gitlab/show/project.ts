import type { Lab } from '../lab.ts';
import type { GitlabProject } from '../state.ts';
import { groupOf, nameOf, webUrl } from './people.ts';

export function showProject(lab: Lab, project: GitlabProject): object {
  const url = webUrl(lab, project);
  const group = lab.groups.find(({ path }) => path === groupOf(project));
  return {
    id: project.id,
    description: null,
    name: nameOf(project),
    path: nameOf(project),
    name_with_namespace: project.path.split('/').join(' / '),
    path_with_namespace: project.path,
    default_branch: project.defaultBranch,
    http_url_to_repo: `${url}.git`,
    ssh_url_to_repo: `git@${new URL(lab.url).hostname}:${project.path}.git`,
    web_url: url,
    namespace: group && {
      id: group.id,
      name: nameOf(group),
      path: nameOf(group),
      kind: 'group',
      full_path: group.path,
    },
    visibility: 'private',
    archived: false,
    empty_repo: project.known.size === 0,
    merge_requests_enabled: true,
    jobs_enabled: true,
    merge_method: project.mergeMethod,
    squash_option: 'default_off',
    only_allow_merge_if_pipeline_succeeds: project.onlyMergeIfPipelineSucceeds,
    remove_source_branch_after_merge: true,
    ci_config_path: '',
  };
}
