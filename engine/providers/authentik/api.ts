import { isRecord, list } from '../../json.ts';
import type { Secrets } from '../../ports.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http.ts';
import { refusal, strangeAnswer, type Asked } from './problems.ts';

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

/** As many rows as a page may have. */
const pageSize = 100;

export function createApi(parts: ApiParts, signal: AbortSignal): Api {
  const { system, client, secrets } = parts;
  const origin = new URL(parts.base).origin;
  const asked = ({ what }: Call): Asked => ({ system, origin, what });

  const send: Api['send'] = ({ path }, { method, json }) =>
    client.send(
      {
        method,
        path: `/api/v3${path}`,
        headers: { authorization: `Bearer ${secrets.resolve(parts.token)}` },
        ...(json === undefined ? {} : { json }),
      },
      signal,
    );
  const success = async (call: Call, answer: Promise<HttpAnswer>): Promise<HttpAnswer> => {
    const found = await answer;
    if (found.status < 200 || found.status >= 300) throw refusal(asked(call), found, secrets);
    return found;
  };
  const row = (answer: HttpAnswer): Row => {
    const body = answer.json();
    if (!isRecord(body)) throw strangeAnswer(system, origin, 'JSON');
    return body;
  };

  return {
    system,
    origin,
    secrets,
    send,
    async all(call, query = {}) {
      const rows: Row[] = [];
      for (let page = 1; page !== 0;) {
        const search = new URLSearchParams({ ...query, page: String(page), page_size: String(pageSize) });
        const path = `${call.path}?${search.toString()}`;
        const body = row(await success(call, send({ ...call, path }, { method: 'GET' })));
        const { pagination, results } = body;
        if (!isRecord(pagination) || !Array.isArray(results)) throw strangeAnswer(system, origin, 'a list');
        rows.push(...list(results).filter(isRecord));
        page = typeof pagination['next'] === 'number' && pagination['next'] > page ? pagination['next'] : 0;
      }
      return rows;
    },
    async get(call) {
      const answer = await send(call, { method: 'GET' });
      // A 404 of the API itself is JSON; any other one means that the address leads elsewhere.
      if (answer.status === 404 && isRecord(answer.json())) return null;
      return row(await success(call, Promise.resolve(answer)));
    },
    write: async (call, request) => row(await success(call, send(call, request))),
    async remove(call) {
      const answer = await send(call, { method: 'DELETE' });
      if (answer.status !== 404) await success(call, Promise.resolve(answer));
    },
    calm: () => createApi(parts, new AbortController().signal),
  };
}
