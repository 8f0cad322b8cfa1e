import type { LimitFunction } from 'p-limit';
import type { Clock, Log } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from '../http.ts';
import { queryString, snakeCased } from './query.ts';
import { isAmbiguous, refusalOf, wordsOf } from './refusal.ts';

/** What gitbeaker hands to whoever sends its requests. */
export interface RequestParts {
  readonly body?: unknown;
  readonly searchParams?: Record<string, unknown>;
}
interface Answer {
  body: never;
  headers: Record<string, string>;
  status: number;
}
type Send = (endpoint: string, parts?: RequestParts) => Promise<Answer>;
/** Takes the place of gitbeaker's own sending, which repeats every 502 and 429 for four minutes, POST too. */
export type Requester = Readonly<Record<'get' | 'post' | 'put' | 'patch' | 'delete', Send>>;

export interface RequesterPlace {
  /** For people: the address of the server. */
  readonly server: string;
  readonly http: HttpClient;
  readonly token: () => string;
  readonly limit: LimitFunction;
  readonly clock: Clock;
  readonly log: Log;
}

const tries = 3;
const longestWaitMs = 20_000;

/** Sends for one caller: everything ends with this signal. What only reads is tried again, what writes is sent once. */
export function createRequester(
  place: RequesterPlace,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
): Requester {
  // some of gitbeaker's classes put the beginning of the path into the address they are made with
  const prefix = `${url.slice(place.server.length)}/`.replace(/\/+$/, '/');
  const sender =
    (method: HttpRequest['method']): Send =>
    async (endpoint, parts = {}) => {
      const answer = await attempts(place, { method, path: prefix + endpoint, parts }, signal);
      // gitbeaker promises a type here that nobody looked at: what is read from it goes through a `parse…`
      return { ...headersOf(answer), body: bodyOf(endpoint, answer) as never };
    };
  return {
    get: sender('GET'),
    post: sender('POST'),
    put: sender('PUT'),
    patch: sender('PATCH'),
    delete: sender('DELETE'),
  };
}

interface Call {
  readonly method: HttpRequest['method'];
  /** Below the server's address. */
  readonly path: string;
  readonly parts: RequestParts;
}

async function attempts(place: RequesterPlace, call: Call, signal: AbortSignal): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(place, call, signal);
    if (!('error' in outcome)) return outcome.answer;
    if (attempt === tries || !mayRepeat(call, outcome)) throw outcome.error;
    const wait = outcome.retryAfterMs ?? 500 * 2 ** attempt;
    if (wait > longestWaitMs) throw outcome.error;
    place.log.debug({ call: shown(call), attempt, problem: outcome.error.problem }, 'asking GitLab again');
    await place.clock.wait(wait, signal);
  }
}

type Outcome =
  | { readonly answer: HttpAnswer }
  | { readonly error: ProblemError; readonly status: number | null; readonly retryAfterMs: number | null };

async function once(place: RequesterPlace, call: Call, signal: AbortSignal): Promise<Outcome> {
  const { method, path, parts } = call;
  try {
    const answer = await place.limit(() =>
      place.http.send(
        {
          method,
          path: `${path}${queryString(parts.searchParams)}`,
          headers: { 'private-token': place.token() },
          ...(isEmpty(parts.body) ? {} : { json: snakeCased(parts.body) }),
        },
        signal,
      ),
    );
    if (answer.status >= 200 && answer.status < 300) return { answer };
    // an echo of what was sent must not show the token
    const said = wordsOf(answer.text).replaceAll(place.token(), '[token]');
    const { status } = answer;
    const error = refusalOf({ server: place.server, call: shown(call), status, said });
    return { error, status, retryAfterMs: retryAfter(answer) };
  } catch (thrown) {
    if (!(thrown instanceof ProblemError)) throw thrown;
    return { error: unreachable(thrown, place.server), status: null, retryAfterMs: null };
  }
}

/** 429 was refused before it was looked at; after anything else only questions may be asked again. */
function mayRepeat({ method }: Call, { error, status }: Exclude<Outcome, { answer: unknown }>): boolean {
  if (status === 429) return true;
  if (method !== 'GET' || status === 500) return false;
  return isAmbiguous(error) && !/no answer within|too long/.test(error.message);
}

/** The shared client speaks of systems and of sentinel.yml; here it is the forge of bot.yml. */
function unreachable(thrown: ProblemError, server: string): ProblemError {
  if (thrown.problem.code !== 'system-unreachable') return thrown;
  const trust = /certificate/.test(thrown.message);
  return new ProblemError(
    {
      code: 'forge-unreachable',
      message: thrown.problem.message,
      where: server,
      hint: trust
        ? 'Give the authority of its certificate as `ca` where GitLab is configured.'
        : 'Check that it runs and that its address is right.',
    },
    { cause: thrown },
  );
}

function retryAfter({ headers }: HttpAnswer): number | null {
  const value = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value * 1000 : null;
}

function headersOf({ status, headers }: HttpAnswer): Omit<Answer, 'body'> {
  const entries = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
  );
  return { status, headers: Object.fromEntries(entries) };
}

/** A log and a file of a job are text, whatever type the server gives a `plan.json`. */
function bodyOf(endpoint: string, answer: HttpAnswer): unknown {
  if (/\/jobs\/\d+\/(?:trace$|artifacts\/)/.test(endpoint)) return answer.text;
  return answer.json() ?? answer.text;
}

function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
}

/** Without what every path begins with, and readable. */
function shown({ method, path }: Call): string {
  const short = path.replace('/api/v4', '');
  try {
    return `${method} ${decodeURIComponent(short)}`;
  } catch {
    return `${method} ${short}`;
  }
}
