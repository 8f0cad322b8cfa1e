import type { LabUser } from './ci/types.ts';
import type { Params } from './params.ts';
import type { Reply } from './reply.ts';
import type { GitlabGroup, GitlabProject, GitlabToken, GitlabUser, MergeRequest, Role } from './state.ts';

/** What the routes work on. */
export interface Lab {
  readonly url: string;
  readonly users: readonly GitlabUser[];
  readonly tokens: ReadonlyMap<string, GitlabToken>;
  readonly projects: readonly GitlabProject[];
  readonly groups: readonly GitlabGroup[];
  /** How long it takes to find out whether a merge request can be merged. */
  readonly times: { checkingMs: number };
  readonly nextId: () => number;
  /** Finds out what changed in the repository, and does what follows from a push. */
  readonly notice: (project: GitlabProject, by: LabUser) => Promise<void>;
  /** Tells the hooks of a merge request. */
  readonly announce: (project: GitlabProject, change: MergeRequestChange) => void;
}
export interface MergeRequestChange {
  readonly request: MergeRequest;
  readonly action: 'open' | 'update' | 'merge' | 'close' | 'reopen' | 'approved' | 'unapproved';
  readonly by: LabUser;
  /** The head before a push. */
  readonly oldHead?: string;
}

/** One request that passed the door. */
export interface Call {
  readonly lab: Lab;
  readonly user: GitlabUser;
  readonly token: GitlabToken;
  /** Decoded parts of the path, by the name the route gives them. */
  readonly path: Readonly<Record<string, string>>;
  readonly params: Params;
  readonly url: URL;
}
export interface ProjectCall extends Call {
  readonly project: GitlabProject;
}
export type Answer<C> = (call: C) => Promise<Reply> | Reply;
export interface Route {
  readonly method: string;
  /** `:name` is one part, `*name` all that follow. */
  readonly path: string;
  /** `api` where reading is not enough. */
  readonly scope: 'read_api' | 'api';
  readonly answer: Answer<Call> | null;
  /** For a route below `/projects/:id`. */
  readonly inProject: { readonly role: Role; readonly answer: Answer<ProjectCall> } | null;
}

/** A route below `/projects/:id`; whoever has less than the role is forbidden it. */
export function projectRoute(line: string, role: Role, answer: Answer<ProjectCall>): Route {
  return { ...at(line.replace(' /', ' /projects/:id/')), answer: null, inProject: { role, answer } };
}
export function route(line: string, answer: Answer<Call>): Route {
  return { ...at(line), answer, inProject: null };
}
/** Reading it needs more than a token for reading. */
export const guarded = (open: Route): Route => ({ ...open, scope: 'api' });

function at(line: string): Pick<Route, 'method' | 'path' | 'scope'> {
  const [method = '', path = ''] = line.split(' ');
  const reads = method === 'GET' || method === 'HEAD';
  return { method, path: path.replace(/\/$/, ''), scope: reads ? 'read_api' : 'api' };
}
