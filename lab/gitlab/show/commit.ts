import { type Commit, titleOf } from '../git/commits.ts';
import type { Lab } from '../lab.ts';
import type { GitlabProject } from '../state.ts';
import { webUrl } from './people.ts';

export function showCommit(lab: Pick<Lab, 'url'>, project: GitlabProject, commit: Commit): object {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    created_at: commit.committer.at,
    parent_ids: commit.parents,
    title: titleOf(commit),
    message: commit.message,
    author_name: commit.author.name,
    author_email: commit.author.email,
    authored_date: commit.author.at,
    committer_name: commit.committer.name,
    committer_email: commit.committer.email,
    committed_date: commit.committer.at,
    trailers: commit.trailers,
    extended_trailers: Object.fromEntries(
      Object.entries(commit.trailers).map(([key, value]) => [key, [value]]),
    ),
    web_url: `${webUrl(lab, project)}/-/commit/${commit.id}`,
  };
}

/** As hooks tell it. */
export function hookCommit(lab: Pick<Lab, 'url'>, project: GitlabProject, commit: Commit): object {
  return {
    id: commit.id,
    message: commit.message,
    title: titleOf(commit),
    timestamp: commit.committer.at,
    url: `${webUrl(lab, project)}/-/commit/${commit.id}`,
    author: { name: commit.author.name, email: commit.author.email },
  };
}
