import type { Upload } from '../uploads.ts';
import type { World } from '../world.ts';

/** One operation of the REST API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** As in Discord's OpenAPI file, e.g. `/channels/{channel_id}/messages`. */
  readonly template: string;
  /** Works without a bot token: the address itself holds one. */
  readonly open?: boolean;
  /** Not counted against the 50 requests a second of the bot. */
  readonly exempt?: boolean;
  readonly answer: (call: Call) => Answer;
}
export interface Call {
  readonly world: World;
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: ReadonlyMap<string, Upload>;
}
export interface Answer {
  readonly status: number;
  /** Absent: an answer without a body. */
  readonly body?: unknown;
}

export function param({ params }: Call, name: string): string {
  const value = params.get(name);
  if (value === undefined) throw new Error(`the route has no {${name}}`);
  return value;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const noContent: Answer = { status: 204 };

/** The route whose literal segments fit best, so that `@original` wins over `{message_id}`. */
export function matchRoute(routes: readonly Route[], method: string, path: string) {
  const segments = path.split('/').map((segment) => decodeURIComponent(segment));
  const candidates = routes.flatMap((route) => {
    const params = route.method === method ? fit(route.template.split('/'), segments) : null;
    return params === null ? [] : [{ route, params }];
  });
  return candidates.sort((a, b) => a.params.size - b.params.size)[0];
}

function fit(template: readonly string[], segments: readonly string[]): ReadonlyMap<string, string> | null {
  if (template.length !== segments.length) return null;
  const params = new Map<string, string>();
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? '';
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name !== undefined && segment !== '') params.set(name, segment);
    else if (part !== segment) return null;
  }
  return params;
}
