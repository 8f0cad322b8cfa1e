import type { HttpAnswer, HttpClient } from '../http.ts';
import { isRecord } from '../../json.ts';
import { ProblemError } from '../../problems.ts';
import { parseRows, type Fields, type HostRecord } from './host-record.ts';
import { bodyOf, type Place } from './refusals.ts';

/** What the server said to a record: taken, or what is wrong with it; nothing where it does not say. */
export type Saved = { readonly ok: true } | { readonly ok: false; readonly faults: readonly string[] };
export type ServiceStatus = 'running' | 'stopped' | 'disabled' | 'unknown';

/** The calls of Unbound's API that we need, one request each. Throws ProblemError for what is no answer. */
export interface OverrideApi {
  search(signal: AbortSignal): Promise<readonly HostRecord[]>;
  /** Changes the record with that identifier; newer versions make it where there is none. */
  set(uuid: string, fields: Fields, signal: AbortSignal): Promise<Saved>;
  add(fields: Fields, signal: AbortSignal): Promise<Saved>;
  /** One that is gone already is fine. */
  remove(uuid: string, signal: AbortSignal): Promise<void>;
  /** Makes Unbound serve what is kept: it stops and starts. */
  reconfigure(signal: AbortSignal): Promise<void>;
  status(signal: AbortSignal): Promise<ServiceStatus>;
}

export interface OverrideApiParts extends Place {
  readonly http: HttpClient;
  /** For the one call that takes as long as Unbound needs to start. */
  readonly patient: HttpClient;
  /** The value of the Authorization header, made anew for each request. */
  readonly authorization: () => string;
}

type Spelling = (command: string) => string;
const snake: Spelling = (command) => command;
const camel: Spelling = (command) =>
  command.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const statuses: readonly ServiceStatus[] = ['running', 'stopped', 'disabled'];

export function createOverrideApi(parts: OverrideApiParts): OverrideApi {
  // A privilege for one page holds for one spelling of its addresses, and which one depends on the version.
  let spelling = snake;

  /** Without anything to say the body is `{}`: an empty one is refused as broken JSON. */
  function post(path: string, json: object, signal: AbortSignal, http = parts.http): Promise<HttpAnswer> {
    const headers = { authorization: parts.authorization() };
    return http.send({ method: 'POST', path: `/api/unbound/${path}`, headers, json }, signal);
  }
  async function settings(command: string, rest: string, json: object, signal: AbortSignal) {
    const ask = (spelled: Spelling) => post(`settings/${spelled(command)}${rest}`, json, signal);
    const answer = await ask(spelling);
    if (answer.status !== 403 && answer.status !== 404) return bodyOf(answer, command, parts);
    const other = spelling === snake ? camel : snake;
    const second = await ask(other);
    if (second.status !== 403 && second.status !== 404) spelling = other;
    return bodyOf(second.status === 404 ? answer : second, command, parts);
  }

  return {
    async search(signal) {
      const everything = { current: 1, rowCount: -1, searchPhrase: '' };
      const body = await settings('search_host_override', '', everything, signal);
      if (!Array.isArray(body['rows'])) throw unclear(parts, 'search_host_override');
      return parseRows(body['rows']);
    },
    async set(uuid, fields, signal) {
      return savedOf(await settings('set_host_override', `/${uuid}`, { host: fields }, signal));
    },
    async add(fields, signal) {
      return savedOf(await settings('add_host_override', '', { host: fields }, signal));
    },
    async remove(uuid, signal) {
      const { result } = await settings('del_host_override', `/${uuid}`, {}, signal);
      if (result !== 'deleted' && result !== 'not found') throw unclear(parts, 'del_host_override');
    },
    async reconfigure(signal) {
      const answer = await post('service/reconfigure', {}, signal, parts.patient);
      if (bodyOf(answer, 'reconfigure', parts)['status'] !== 'ok') throw unclear(parts, 'reconfigure');
    },
    async status(signal) {
      const headers = { authorization: parts.authorization() };
      const path = '/api/unbound/service/status';
      const answer = await parts.http.send({ method: 'GET', path, headers }, signal);
      const { status } = bodyOf(answer, 'status', parts);
      return statuses.find((known) => known === status) ?? 'unknown';
    },
  };
}

/** A refusal comes with status 200; only the body tells. */
function savedOf(body: Readonly<Record<string, unknown>>): Saved {
  if (body['result'] === 'saved') return { ok: true };
  const validations = isRecord(body['validations']) ? body['validations'] : {};
  return {
    ok: false,
    faults: Object.entries(validations).map(
      ([field, fault]) => `${field.replace(/^host\./, '')}: ${[fault].flat().map(String).join(' ')}`,
    ),
  };
}

function unclear({ name, base }: Place, command: string): ProblemError {
  return new ProblemError({
    code: 'system-rejected',
    message: `${name} did not do ${command} and does not say why.`,
    where: base,
    hint: 'See its own log (System › Log Files › Backend), then try again.',
  });
}
