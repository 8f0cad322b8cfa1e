import { isRecord, list } from '../../json.ts';
import type { Secrets } from '../../ports.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http.ts';
import { refusal, strangeAnswer } from './problems.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Authentik's API for one piece of work: with the token, and one signal for all its requests. */
export interface Api {
  readonly system: string;
  readonly origin: string;
  readonly secrets: Secrets;
  /** All pages. `query` narrows where the server knows the filter; callers check every row again. */
  all(call: Call, query?: Readonly<Record<string, string>>): Promise<readonly Row[]>;
  /** Null when it is not there. */
  get(call: Call): Promise<Row | null>;
  /** Any answer, for callers that read refusals. */
  send(
    call: Call,
    request: { readonly method: HttpRequest['method']; readonly json?: object },
  ): Promise<HttpAnswer>;
  /** Throws unless it succeeded. */
  write(call: Call, request: { readonly method: 'POST' | 'PATCH'; readonly json: object }): Promise<Row>;
  /** Gone already is fine. */
  remove(call: Call): Promise<void>;
  /** The same without listening to the signal: to put things back after somebody stopped the work. */
  calm(): Api;
}
export interface Call {
  /** Below `/api/v3`, with a slash at both ends. */
  readonly path: string;
  /** In words, for problems: `read its applications`. */
  readonly what: string;
}
export interface ApiParts {
  readonly system: string;
  readonly base: string;
  readonly client: HttpClient;
  readonly secrets: Secrets;
  /** Name of the secret. */
  readonly token: string;
}

export function createApi(parts: ApiParts, signal: AbortSignal): Api {
  const { system, client, secrets } = parts;
  const origin = new URL(parts.base).origin;

  const send: Api['send'] = ({ path }, { method, json }) => {
    const headers = { authorization: `Bearer ${secrets.resolveFor(parts.token, origin)}` };
    const body = json === undefined ? {} : { json };
    return client.send({ method, path: `/api/v3${path}`, headers, ...body }, signal);
  };
  const succeeded = ({ what }: Call, answer: HttpAnswer): HttpAnswer => {
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusal({ system, origin, what }, answer, secrets);
  };
  const rowOf = (call: Call, answer: HttpAnswer): Row => {
    const body = succeeded(call, answer).json();
    if (!isRecord(body)) throw strangeAnswer(system, origin, 'JSON');
    return body;
  };
  const onePage = async (call: Call, query: URLSearchParams): Promise<Page> => {
    const answer = await send({ ...call, path: `${call.path}?${query.toString()}` }, { method: 'GET' });
    const { pagination, results } = rowOf(call, answer);
    if (!isRecord(pagination) || !Array.isArray(results)) throw strangeAnswer(system, origin, 'a list');
    return { rows: list(results).filter(isRecord), next: pagination['next'] };
  };

  return {
    ...{ system, origin, secrets, send },
    all: (call, query = {}) => allPages((page) => onePage(call, new URLSearchParams({ ...query, ...page }))),
    async get(call) {
      const answer = await send(call, { method: 'GET' });
      return isMissing(answer) ? null : rowOf(call, answer);
    },
    write: async (call, request) => rowOf(call, await send(call, request)),
    async remove(call) {
      const answer = await send(call, { method: 'DELETE' });
      if (!isMissing(answer)) succeeded(call, answer);
    },
    calm: () => createApi(parts, new AbortController().signal),
  };
}

/** A 404 of the API itself is JSON; any other one means that the address leads elsewhere. */
function isMissing(answer: HttpAnswer): boolean {
  return answer.status === 404 && isRecord(answer.json());
}

interface Page {
  readonly rows: readonly Row[];
  readonly next: unknown;
}

/** As many rows as a page may have. */
const pageSize = 100;

/** `next` is 0 on the last page. */
async function allPages(
  read: (query: Readonly<Record<'page' | 'page_size', string>>) => Promise<Page>,
): Promise<readonly Row[]> {
  const all: Row[] = [];
  for (let page = 1; page !== 0;) {
    const { rows, next } = await read({ page: String(page), page_size: String(pageSize) });
    all.push(...rows);
    page = typeof next === 'number' && next > page ? next : 0;
  }
  return all;
}
