import { isRecord } from '../../json.ts';
import type { Gitlab } from './gitlab.ts';
import { GitlabRefusal } from './refusal.ts';
import { read, readAll, type Reader } from './shapes.ts';

export interface ExaminedToken {
  readonly scopes: readonly string[];
  /** A day; null: never. */
  readonly expiresAt: string | null;
}
export interface ExaminedBranch {
  readonly name: string;
  readonly exists: boolean;
  readonly isProtected: boolean;
  readonly canPush: boolean;
  /** Only Maintainers are shown who may merge into a protected branch; where people or groups are named, nobody is. */
  readonly mayMerge: 'yes' | 'no' | 'unknown';
}
export interface ExaminedProject {
  /** The role of the token's user, as a number; null where it is not told. */
  readonly accessLevel: number | null;
  readonly branches: readonly ExaminedBranch[];
  /** Null where they are not shown to this user. */
  readonly hooks:
    readonly { readonly url: string; readonly pipelines: boolean; readonly jobs: boolean }[] | null;
}

/** What the token says of itself; null for kinds that do not. Only a personal, project or group access token does. */
export async function examineToken(gitlab: Gitlab, signal: AbortSignal): Promise<ExaminedToken | null> {
  const answer = await unlessRefused([404], () => gitlab.api(signal).tokens.show());
  if (answer === null) return null;
  const token = read(answer);
  return { scopes: token.texts('scopes'), expiresAt: token.textOr('expires_at', null) };
}

export async function serverVersion(gitlab: Gitlab, signal: AbortSignal): Promise<string | null> {
  const answer = await unlessRefused([403, 404], () => gitlab.api(signal).metadata.show());
  return answer === null ? null : read(answer).textOr('version', null);
}

/** Throws ProblemError where there is no such project for this token. */
export async function examineProject(
  gitlab: Gitlab,
  { project, branches }: { readonly project: string; readonly branches: readonly string[] },
  signal: AbortSignal,
): Promise<ExaminedProject> {
  const api = gitlab.api(signal);
  const id = /^\d+$/.test(project) ? Number(project) : project;
  const found = read(await api.projects.show(id));
  const accessLevel = levelOf(found.object('permissions'));
  const [hooks, ...examined] = await Promise.all([
    unlessRefused([401, 403, 404], () => api.projectHooks.all(id)),
    ...[...new Set(branches)].map((name) => branch(gitlab, { id, name, accessLevel }, signal)),
  ]);
  return {
    accessLevel,
    branches: examined,
    hooks: hooks === null ? null : readAll(hooks).map(hookOf),
  };
}

function levelOf(permissions: Reader | null): number | null {
  if (permissions === null) return null;
  const levels = ['project_access', 'group_access'].flatMap((kind) => {
    const access = permissions.object(kind);
    return access === null ? [] : [access.number('access_level')];
  });
  // An administrator need not be a member, and then has no role that is told.
  return levels.length === 0 ? null : Math.max(...levels);
}

function hookOf(hook: Reader): NonNullable<ExaminedProject['hooks']>[number] {
  return { url: hook.text('url'), pipelines: hook.flag('pipeline_events'), jobs: hook.flag('job_events') };
}

async function branch(
  gitlab: Gitlab,
  {
    id,
    name,
    accessLevel,
  }: { readonly id: string | number; readonly name: string; readonly accessLevel: number | null },
  signal: AbortSignal,
): Promise<ExaminedBranch> {
  const api = gitlab.api(signal);
  const answer = await unlessRefused([404], () => api.branches.show(id, name));
  if (answer === null) return { name, exists: false, isProtected: false, canPush: false, mayMerge: 'no' };
  const found = read(answer);
  const isProtected = found.flag('protected');
  const levels = isProtected
    ? await unlessRefused([401, 403, 404], () => api.protectedBranches.show(id, name))
    : null;
  return {
    ...{ name, exists: true, isProtected, canPush: found.flag('can_push') },
    mayMerge: isProtected
      ? mergeable(levels, accessLevel)
      : accessLevel === null
        ? 'unknown'
        : accessLevel >= 30
          ? 'yes'
          : 'no',
  };
}

function mergeable(rule: unknown, accessLevel: number | null): ExaminedBranch['mayMerge'] {
  if (!isRecord(rule) || accessLevel === null) return 'unknown';
  const levels = read(rule).list('merge_access_levels');
  // A person, a group or a key may be named instead of a role, and whether that is us is not told.
  const isNamed = (level: Reader): boolean =>
    ['user_id', 'group_id', 'deploy_key_id'].some((field) => level.has(field));
  const roles = levels.filter((level) => !isNamed(level)).map((level) => level.number('access_level'));
  if (roles.some((level) => level > 0 && accessLevel >= level)) return 'yes';
  return levels.some(isNamed) ? 'unknown' : 'no';
}

async function unlessRefused<T>(statuses: readonly number[], ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GitlabRefusal && statuses.includes(error.status)) return null;
    throw error;
  }
}
