import { asText, type AuthentikState, type Fields } from './state.ts';

export interface Call {
  readonly state: AuthentikState;
  readonly settings: Settings;
  /** Last part of the path, where the route has one. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly body: Fields;
}
export interface Settings {
  /** Whether the token's user is a superuser. */
  readonly superuser: boolean;
  /** Slugs of applications the token's user may use; all of them unless told. */
  readonly mayUse: (slug: string) => boolean;
  /** False: a release from before late 2024. */
  readonly invalidationFlows: boolean;
}
export interface Answer {
  readonly status: number;
  readonly body?: object | string;
}
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As in the OpenAPI description. */
  readonly template: string;
  readonly answer: (call: Call) => Answer;
}

/** Ends a call with a 400 or 404, as its body says. */
export class Refusal extends Error {
  readonly answer: Answer;
  constructor(status: number, body: object) {
    super(`refused with ${status}`);
    this.answer = { status, body };
  }
}

export function invalid(field: string, message: string): Refusal {
  return new Refusal(400, { [field]: [message] });
}

export function missing(what: string): Refusal {
  return new Refusal(404, { detail: `No ${what} matches the given query.` });
}

export function requireFields(body: Fields, names: readonly string[]): void {
  const absent = names.filter((name) => body[name] === undefined);
  if (absent.length > 0)
    throw new Refusal(400, Object.fromEntries(absent.map((name) => [name, ['This field is required.']])));
}

/** One page of a list. Only filters the endpoint knows narrow it; any other is ignored without a word. */
export function page(call: Call, rows: readonly Fields[], filters: readonly string[] = []): Answer {
  const { query } = call;
  const kept = rows.filter((row) => filters.every((filter) => passes(row, filter, query.get(filter))));
  const size = Math.min(100, Number(query.get('page_size') ?? 20));
  const current = Number(query.get('page') ?? 1);
  const pages = Math.max(1, Math.ceil(kept.length / size));
  if (current < 1 || current > pages) throw new Refusal(404, { detail: 'Invalid page.' });
  const start = (current - 1) * size;
  const results = kept.slice(start, start + size);
  const pagination = {
    next: current < pages ? current + 1 : 0,
    previous: current - 1,
    count: kept.length,
    current,
    total_pages: pages,
    start_index: results.length === 0 ? 0 : start + 1,
    end_index: start + results.length,
  };
  return { status: 200, body: { autocomplete: {}, pagination, results } };
}

function passes(row: Fields, filter: string, wanted: string | null): boolean {
  if (wanted === null) return true;
  const [field = '', how] = filter.split('__');
  const value = asText(row[field]);
  return how === 'iexact' ? value.toLowerCase() === wanted.toLowerCase() : value === wanted;
}
