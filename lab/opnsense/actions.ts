import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { isRecord } from '../../engine/json.ts';
import {
  canStart,
  fieldsOf,
  rowOf,
  validate,
  type KeptOverride,
  type OpnsenseState,
  type OpnsenseVersion,
} from './state.ts';

export interface ActionParts {
  readonly state: OpnsenseState;
  readonly version: OpnsenseVersion;
  /** Between reading config.xml and writing it: who reads in between loses what is written. */
  readonly saveMs: number;
  /** How long Unbound is away when it starts again. */
  readonly restartMs: number;
}
export interface Asked {
  /** In snake case, with its controller: `settings/search_host_override`. */
  readonly command: string;
  readonly uuid: string;
  readonly body: unknown;
}

/** The answer to a request that is allowed; null for one nobody knows. */
export async function act(asked: Asked, parts: ActionParts): Promise<object | null> {
  const { state } = parts;
  const config = state.overrides; // as read when the request came
  switch (asked.command) {
    case 'settings/search_host_override':
      return search(asked.body, parts);
    case 'settings/add_host_override':
      return save({ uuid: randomUUID(), before: null, config, body: asked.body }, parts);
    case 'settings/set_host_override': {
      const before = config.find(({ uuid }) => uuid === asked.uuid) ?? null;
      if (before === null && parts.version === '24.7') return { result: 'failed' };
      const answer = await save({ uuid: asked.uuid, before, config, body: asked.body }, parts);
      return 'uuid' in answer ? { result: 'saved' } : answer;
    }
    case 'settings/del_host_override':
      if (!config.some(({ uuid }) => uuid === asked.uuid)) return { result: 'not found' };
      await setTimeout(parts.saveMs);
      state.overrides = config.filter(({ uuid }) => uuid !== asked.uuid);
      return { result: 'deleted' };
    case 'service/reconfigure':
      return reconfigure(parts);
    case 'service/status':
      return { status: state.service };
    default:
      return null;
  }
}

function search(body: unknown, { state, version }: ActionParts): object {
  const { rowCount = 7, current = 1, searchPhrase = '' } = isRecord(body) ? body : {};
  const phrase = String(searchPhrase).toLowerCase();
  const found = state.overrides.filter((each) =>
    Object.values(each).some((value) => value.toLowerCase().includes(phrase)),
  );
  const size = Number(rowCount) === -1 ? found.length : Number(rowCount);
  const start = (Number(current) - 1) * size;
  const rows = found.slice(start, start + size).map((each) => rowOf(each, version));
  return { rows, rowCount: rows.length, total: found.length, current };
}

interface Saving {
  readonly uuid: string;
  readonly before: KeptOverride | null;
  readonly config: readonly KeptOverride[];
  readonly body: unknown;
}

async function save({ uuid, before, config, body }: Saving, parts: ActionParts): Promise<object> {
  const host = isRecord(body) && isRecord(body['host']) ? body['host'] : {};
  const known = fieldsOf(parts.version);
  const given = Object.entries(host).filter(([key]) => key in known || before?.[key] !== undefined);
  const posted = Object.fromEntries(given.map(([key, value]) => [key, String(value)] as const));
  const next: KeptOverride = { ...known, ...before, ...posted, uuid };
  const validations = validate(next, parts.version);
  if (Object.keys(validations).length > 0) return { result: 'failed', validations };
  await setTimeout(parts.saveMs);
  parts.state.overrides =
    before === null ? [...config, next] : config.map((each) => (each.uuid === uuid ? next : each));
  return { result: 'saved', uuid };
}

async function reconfigure({ state, restartMs }: ActionParts): Promise<object> {
  if (state.service === 'disabled') return { status: 'ok' };
  state.reconfigures += 1;
  state.service = 'stopped';
  await setTimeout(restartMs);
  if (!canStart(state.overrides)) return { status: 'ok' };
  state.served = state.overrides;
  state.service = 'running';
  return { status: 'ok' };
}
