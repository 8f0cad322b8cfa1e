import { resolve as absolute } from 'node:path';
import type { Publication, Repository } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { createGit } from '../git/git.ts';
import { createGitRepository, type GitRepositoryOptions } from '../git/repository.ts';
import { asResult, type ChangePlace, type Person } from './change-place.ts';
import { commitChange } from './commit-change.ts';
import type { Gitlab } from './gitlab.ts';
import { mergeChange } from './merge-change.ts';
import { openMergeRequest } from './offer-change.ts';
import { withdrawChange } from './withdraw-change.ts';

export interface GitlabEnvironment {
  readonly branch: string;
  /** Whether changes go straight to the branch or are merged into it. */
  readonly changes: 'commit' | 'merge-request';
}
export interface GitlabRepositoryOptions extends Omit<
  GitRepositoryOptions,
  'url' | 'credential' | 'environments'
> {
  readonly gitlab: Gitlab;
  /** Id or path. */
  readonly project: number | string;
  /** Where git reads from; default the project's address over HTTPS with the token. Needed where `project` is an id. */
  readonly url?: string;
  readonly environments: Readonly<Record<string, GitlabEnvironment>>;
  /** Who an actor (`discord:<id>`) is in GitLab; null: their name and a made-up address. */
  readonly people: (actor: string) => Person | null;
  /** For merge requests. */
  readonly labels?: readonly string[];
  /** The first line of a commit; `{subject}` stands for what was done. Default `{subject}`. */
  readonly messageTemplate?: string;
  /** How long GitLab may take to find a merge request mergeable; default two minutes. */
  readonly mergeDeadlineMs?: number;
}

/** A project of GitLab: read through a mirror as any repository, changed through GitLab's API. */
export function createGitlabRepository(options: GitlabRepositoryOptions): Repository {
  const { gitlab, project } = options;
  const url = options.url ?? cloneUrl(gitlab, project);
  const mirrored = createGitRepository({
    ...options,
    url,
    ...(isSameServer(url, gitlab.url) ? { credential: { user: 'oauth2', password: gitlab.token } } : {}),
  });
  const place = placeOf(options, mirrored);
  const merges = ({ environment }: Pick<Publication, 'environment'>): boolean =>
    environmentOf(options, environment).changes === 'merge-request';
  const limits = { deadlineMs: options.mergeDeadlineMs ?? 120_000 };

  return {
    ...mirrored,
    publish: (publication, signal) =>
      asResult(() =>
        merges(publication)
          ? mergeChange(place, { publication, limits }, signal)
          : commitChange(place, publication, signal),
      ),
    offer: (publication, signal) =>
      asResult(async () => {
        if (!merges(publication)) return { ok: true, value: null };
        const opened = await openMergeRequest(place, publication, signal);
        if (!opened.ok) return opened;
        const { iid, url } = opened.value.request;
        return { ok: true, value: { label: `!${iid}`, url } };
      }),
    withdraw: (withdrawal, signal) =>
      asResult(() => {
        if (!merges(withdrawal)) return Promise.resolve({ ok: true, value: undefined });
        const target = environmentOf(options, withdrawal.environment).branch;
        return withdrawChange(place, { withdrawal, target }, signal);
      }),
  };
}

function placeOf(options: GitlabRepositoryOptions, mirrored: Repository): ChangePlace {
  const { gitlab, project, name, people, labels = [], messageTemplate = '{subject}' } = options;
  return {
    ...{ gitlab, project, name, mirrored, people, labels, messageTemplate },
    git: createGit({ place: [`--git-dir=${absolute(options.mirrorDirectory)}`], env: options.env }),
    pageOf: (page) => (typeof project === 'number' ? null : `${gitlab.url}/${project}/-/${page}`),
  };
}

function environmentOf(
  { name, environments, defaultEnvironment }: GitlabRepositoryOptions,
  environment: string,
): GitlabEnvironment {
  const found = environments[environment === '' ? defaultEnvironment : environment];
  if (found !== undefined) return found;
  throw new ProblemError({
    code: 'configuration-invalid',
    message: `The repository ${name} has no environment “${environment}”.`,
    hint: `It has: ${Object.keys(environments).join(', ')}.`,
  });
}

function cloneUrl(gitlab: Gitlab, project: number | string): string {
  if (typeof project === 'string') return `${gitlab.url}/${project}.git`;
  throw new ProblemError({
    code: 'configuration-invalid',
    message: `The project ${project} is given by its number, so the address of its repository must be given too.`,
  });
}

/** The token goes to GitLab and nowhere else. */
function isSameServer(url: string, server: string): boolean {
  return /^https?:/i.test(url) && new URL(url).origin === new URL(server).origin;
}
