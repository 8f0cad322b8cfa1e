import type { Ci, LabUser, LabVariable } from './ci/types.ts';
import type { Repository } from './git/repository.ts';

export const roles = ['none', 'guest', 'reporter', 'developer', 'maintainer'] as const;
export type Role = (typeof roles)[number];
export type Scope = 'api' | 'read_api' | 'read_repository' | 'write_repository';

/** A person or a bot with an account. */
export interface GitlabUser extends LabUser {
  /** Everywhere, unless `projects` says otherwise for a full path. */
  role: Role;
  readonly projects: Record<string, Role>;
}
export interface GitlabToken {
  readonly user: GitlabUser;
  readonly scopes: readonly Scope[];
  revoked: boolean;
  /** A day; null: never. */
  expiresAt: string | null;
}
export interface GitlabGroup {
  readonly id: number;
  readonly path: string;
  readonly variables: GitlabVariable[];
}
export interface GitlabVariable extends LabVariable {
  readonly raw: boolean;
  readonly description: string | null;
}
/** A variable nobody said anything special about. */
export const unset: Omit<GitlabVariable, 'key' | 'value'> = {
  ...{ type: 'env_var', scope: '*', description: null },
  ...{ protected: false, masked: false, hidden: false, raw: false },
};

export interface GitlabHook {
  readonly id: number;
  url: string;
  /** Sent in clear with every delivery. */
  token: string | null;
  /** Newer servers sign with it. */
  signingToken: string | null;
  events: Readonly<Record<HookEvent, boolean>>;
  readonly uuid: string;
}
export type HookEvent = 'push' | 'pipeline' | 'job' | 'merge_requests';

export interface BranchRule {
  readonly push: 'developer' | 'maintainer' | 'nobody';
  readonly merge: 'developer' | 'maintainer' | 'nobody';
}

export interface GitlabProject {
  readonly id: number;
  /** `homelab/services` */
  readonly path: string;
  readonly repository: Repository;
  readonly ci: Ci;
  defaultBranch: string;
  mergeMethod: 'merge' | 'ff';
  onlyMergeIfPipelineSucceeds: boolean;
  approvalsRequired: number;
  /** How long after a push its pipeline appears, in milliseconds; or after what it waits for; or it never does. */
  pipelineDelay: number | 'never' | Promise<unknown>;
  readonly variables: GitlabVariable[];
  /** Branch → who may push and who may merge into it. */
  readonly protectedBranches: Map<string, BranchRule>;
  readonly hooks: GitlabHook[];
  readonly mergeRequests: MergeRequest[];
  /** Branches as the server last noticed them. */
  known: ReadonlyMap<string, string>;
  /** When a pipeline last changed. */
  readonly touched: Map<number, string>;
  /** One writes at a time. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}
export interface MergeRequest {
  readonly id: number;
  readonly iid: number;
  readonly author: GitlabUser;
  readonly source: string;
  target: string;
  title: string;
  description: string;
  labels: readonly string[];
  removeSourceBranch: boolean;
  squash: boolean;
  state: 'opened' | 'closed' | 'merged';
  /** The head of the source branch; what was merged stays here. */
  sha: string;
  base: string;
  /** Whether it can be merged is found out in the background, after somebody looked. */
  check: 'unchecked' | { readonly until: number };
  approvals: readonly GitlabUser[];
  autoMerge: GitlabUser | null;
  mergedBy: GitlabUser | null;
  mergeCommit: string | null;
  squashCommit: string | null;
  readonly notes: MergeRequestNote[];
  readonly createdAt: string;
  updatedAt: string;
}
export interface MergeRequestNote {
  readonly id: number;
  readonly author: GitlabUser;
  readonly body: string;
  readonly createdAt: string;
}

export const atLeast = (role: Role, wanted: Role): boolean => roles.indexOf(role) >= roles.indexOf(wanted);
export const roleIn = (user: GitlabUser, project: Pick<GitlabProject, 'path'>): Role =>
  user.projects[project.path] ?? user.role;
/** Whoever may push anywhere may push to a branch nobody protected. */
export function may(
  what: keyof BranchRule,
  {
    user,
    project,
    branch,
  }: { readonly user: GitlabUser; readonly project: GitlabProject; readonly branch: string },
): boolean {
  const rule = project.protectedBranches.get(branch)?.[what] ?? 'developer';
  return rule !== 'nobody' && atLeast(roleIn(user, project), rule);
}

/** Runs what it is given one after the other. */
export function createLine(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine.catch(() => undefined);
    return mine;
  };
}
