import { asRecord } from '../json.ts';
import { applicationRoutes } from './applications.ts';
import { bindingRoutes } from './bindings.ts';
import { type Answer, Refusal, type Route, type Settings } from './call.ts';
import type { Exchange } from './contract/contract.ts';
import { otherRoutes } from './others.ts';
import { providerRoutes } from './providers.ts';
import type { AuthentikState } from './state.ts';

export interface Asked {
  readonly method: string;
  /** Without `/api/v3`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly authorization: string | undefined;
}
export interface ApiParts {
  readonly state: AuthentikState;
  readonly settings: Settings;
  readonly token: string;
  readonly inspect: (exchange: Exchange) => void;
  readonly unknown: (route: string) => void;
}

const routes: readonly Route[] = [...applicationRoutes, ...providerRoutes, ...bindingRoutes, ...otherRoutes];

/** Answers a request to the API and holds both against the official description. */
export function handle(parts: ApiParts, asked: Asked): Answer {
  const { method, path } = asked;
  const route = routes.find((each) => each.method === method && keyOf(each, path) !== null);
  if (route === undefined) {
    parts.unknown(`${method} ${path}`);
    return { status: 404, body: '<h1>Not Found</h1>' };
  }
  const answer = answerOf(parts, route, asked);
  parts.inspect({ ...asked, template: route.template, status: answer.status, answer: answer.body });
  return answer;
}

function answerOf({ state, settings, token }: ApiParts, route: Route, asked: Asked): Answer {
  const { path, query, body, authorization } = asked;
  const forbidden = (detail: string): Answer => ({ status: 403, body: { detail } });
  if (authorization === undefined) return forbidden('Authentication credentials were not provided.');
  if (authorization !== `Bearer ${token}`) return forbidden('Token invalid/expired');
  try {
    const key = keyOf(route, path) ?? '';
    return route.answer({ state, settings, key, query, body: { ...asRecord(body) } });
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** The last part of the path when the route fits, empty for one without; null when it does not fit. */
function keyOf({ template }: Route, path: string): string | null {
  const bare = template.replace(/\{.+\}\/$/, '');
  if (bare === template) return path === template ? '' : null;
  const rest = path.startsWith(bare) ? path.slice(bare.length) : '';
  return /^[^/]+\/$/.test(rest) ? decodeURIComponent(rest.slice(0, -1)) : null;
}
