import type { Call, Lab, Route } from './lab.ts';
import type { Params } from './params.ts';
import { forbidden, notFound, type Reply, Refusal, unauthorized } from './reply.ts';
import { branchRoutes } from './routes/branches.ts';
import { commitRoutes } from './routes/commits.ts';
import { fileRoutes } from './routes/files.ts';
import { historyRoutes } from './routes/history.ts';
import { hookRoutes } from './routes/hooks.ts';
import { jobRoutes } from './routes/jobs.ts';
import { mergeRequestRoutes } from './routes/merge-requests.ts';
import { mergingRoutes } from './routes/merging.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { projectRoutes } from './routes/projects.ts';
import { variableRoutes } from './routes/variables.ts';
import { atLeast, type GitlabProject, type GitlabToken, roleIn } from './state.ts';

export const routes: readonly Route[] = [
  ...projectRoutes,
  ...fileRoutes,
  ...commitRoutes,
  ...historyRoutes,
  ...branchRoutes,
  ...mergeRequestRoutes,
  ...mergingRoutes,
  ...variableRoutes,
  ...pipelineRoutes,
  ...jobRoutes,
  ...hookRoutes,
];

export interface ApiRequest {
  readonly method: string;
  /** The parts of the path below `/api/v4`, decoded each by itself: a slash within stays. */
  readonly parts: readonly string[];
  readonly params: Params;
  readonly url: URL;
  readonly token: string | undefined;
}
type Match = { readonly route: Route; readonly path: Readonly<Record<string, string>> };

export function findRoute({ method, parts }: Pick<ApiRequest, 'method' | 'parts'>): Match | null {
  for (const route of routes) {
    if (route.method !== method) continue;
    const path = matched(route.path.split('/').slice(1), parts);
    if (path !== null) return { route, path };
  }
  return null;
}

function matched(wanted: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const path: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    if (name.startsWith('*')) {
      const rest = parts.slice(index).join('/');
      return rest === '' ? null : { ...path, [name.slice(1)]: rest };
    }
    const part = parts[index];
    if (part === undefined || (!name.startsWith(':') && name !== part)) return null;
    if (name.startsWith(':')) path[name.slice(1)] = part;
  }
  return wanted.length === parts.length ? path : null;
}

/** Who asks, whether the token is enough, whether there is such a project, and whether the role is enough: in this order. */
export async function answer(lab: Lab, request: ApiRequest, { route, path }: Match): Promise<Reply> {
  try {
    const token = admit(lab, request.token, route.scope);
    const { user } = token;
    const call: Call = { lab, user, token, path, params: request.params, url: request.url };
    if (route.answer !== null) return await route.answer(call);
    const project = projectOf(lab, call);
    if (route.inProject === null) throw notFound('Route');
    if (!atLeast(roleIn(user, project), route.inProject.role)) throw forbidden();
    return await route.inProject.answer({ ...call, project });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

function admit(lab: Lab, value: string | undefined, scope: Route['scope']): GitlabToken {
  const token = value === undefined ? undefined : lab.tokens.get(value);
  if (token === undefined) throw unauthorized();
  if (token.revoked)
    throw new Refusal({
      status: 401,
      body: {
        error: 'invalid_token',
        error_description: 'Token was revoked. You have to re-authorize from the user.',
      },
    });
  if (token.expiresAt !== null && Date.parse(token.expiresAt) < Date.now())
    throw new Refusal({
      status: 401,
      body: {
        error: 'invalid_token',
        error_description: 'Token is expired. You can either do re-authorization or token refresh.',
      },
    });
  if (token.scopes.includes('api') || (scope === 'read_api' && token.scopes.includes('read_api')))
    return token;
  throw new Refusal({
    status: 403,
    body: {
      error: 'insufficient_scope',
      error_description: 'The request requires higher privileges than provided by the access token.',
      scope: scope === 'api' ? 'api' : 'api read_api',
    },
  });
}

/** A project one may not see is not there. */
function projectOf(lab: Lab, { path, user }: Call): GitlabProject {
  const wanted = path['id'] ?? '';
  const project = lab.projects.find((each) => String(each.id) === wanted || each.path === wanted);
  if (project === undefined || !atLeast(roleIn(user, project), 'guest')) throw notFound('Project');
  return project;
}
