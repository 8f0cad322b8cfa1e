import {
  Branches,
  Commits,
  Groups,
  GroupVariables,
  JobArtifacts,
  Jobs,
  MergeRequestNotes,
  MergeRequests,
  Metadata,
  PersonalAccessTokens,
  Pipelines,
  ProjectHooks,
  Projects,
  ProjectVariables,
  ProtectedBranches,
  RepositoryFiles,
} from '@gitbeaker/rest';
import pLimit from 'p-limit';
import type { Clock, Log } from '../../ports.ts';
import { createHttpClient } from '../http.ts';
import { createRequester, type Requester } from './requester.ts';

export interface GitlabOptions {
  /** `https://gitlab.home.lan`; a path behind it is kept. */
  readonly url: string;
  /** With the scope `api`. Asked for at every call and kept nowhere. */
  readonly token: () => string;
  /** PEM text of an authority to trust besides the public ones. */
  readonly ca: string | null;
  readonly log: Log;
  readonly clock: Clock;
  /** Default 30,000. */
  readonly timeoutMs?: number;
}

/** One GitLab server. */
export interface Gitlab {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** GitLab's API; every call ends with this signal, and fails only with a ProblemError. */
  api(signal: AbortSignal): GitlabApi;
  close(): Promise<void>;
}
export type GitlabApi = ReturnType<typeof resources>;

/** Requests at the same time, all callers together: a homelab's GitLab has few workers. */
const atOnce = 6;

export function createGitlab({ url, token, ca, log, clock, timeoutMs = 30_000 }: GitlabOptions): Gitlab {
  const server = url.replace(/\/+$/, '');
  const http = createHttpClient({ name: `GitLab at ${server}`, base: server, ca, timeoutMs });
  const place = { server, http, token, limit: pLimit(atOnce), clock, log };
  return {
    url: server,
    token,
    clock,
    log,
    api: (signal) => resources(server, ({ url: base }) => createRequester(place, { url: base, signal })),
    close: () => http.close(),
  };
}

/** The login is ours to send and the time is ours to limit, so gitbeaker gets neither. */
function resources(host: string, requesterFn: (service: { readonly url: string }) => Requester) {
  const options = { host, requesterFn, queryTimeout: null };
  return {
    branches: new Branches(options),
    commits: new Commits(options),
    files: new RepositoryFiles(options),
    groups: new Groups(options),
    groupVariables: new GroupVariables(options),
    jobArtifacts: new JobArtifacts(options),
    jobs: new Jobs(options),
    mergeRequestNotes: new MergeRequestNotes(options),
    mergeRequests: new MergeRequests(options),
    metadata: new Metadata(options),
    pipelines: new Pipelines(options),
    projectHooks: new ProjectHooks(options),
    projects: new Projects(options),
    projectVariables: new ProjectVariables(options),
    protectedBranches: new ProtectedBranches(options),
    tokens: new PersonalAccessTokens(options),
  };
}
