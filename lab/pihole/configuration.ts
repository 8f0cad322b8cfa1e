import { setTimeout } from 'node:timers/promises';
import { addressesIn, invalidIn, normalised } from './host-lines.ts';
import { absent, noContent, type Reply, refusal, reply } from './reply.ts';
import type { Access } from './sessions.ts';
import type { PiholeState, PiholeTimes } from './state.ts';

/** Reads and changes settings as a Pi-hole does: without a lock, so that changes at the same time lose each other. */
export interface Configuration {
  read(element: string, detailed: boolean): Reply;
  add(element: string, value: string, access: Access): Promise<Reply>;
  remove(element: string, value: string, access: Access): Promise<Reply>;
  /** What DNS answers from. */
  addresses(name: string): readonly string[];
  /** Comes up with what had been saved. */
  restart(): void;
}

export function createConfiguration(state: PiholeState, times: PiholeTimes): Configuration {
  let saved = state.hosts;
  let answered = state.hosts;

  async function store(change: (lines: readonly string[]) => readonly string[]): Promise<void> {
    const copy = state.hosts;
    await setTimeout(times.write);
    state.hosts = change(copy);
    if (state.dns === 'live') answered = state.hosts;
    if (state.readOnly === 'no') saved = state.hosts;
  }

  return {
    read: (element, detailed) => readSetting(state, element, detailed),
    async add(element, value, access) {
      const refused = refusedWrite(state, element, access) ?? refusedLine(state, value);
      if (refused !== null) return refused;
      await store((lines) => [...lines, normalised(value)]);
      return reply(201);
    },
    async remove(element, value, access) {
      const refused = refusedWrite(state, element, access);
      if (refused !== null) return refused;
      if (!state.hosts.includes(value)) return absent;
      await store((lines) => lines.filter((_, index) => index !== lines.indexOf(value)));
      return noContent;
    },
    addresses(name) {
      if (state.dns === 'live') answered = state.hosts;
      return addressesIn(answered, name);
    },
    restart() {
      state.hosts = saved;
    },
  };
}

function readSetting(state: PiholeState, element: string, detailed: boolean): Reply {
  if (element === 'misc/readOnly') return config('misc', { readOnly: state.readOnly !== 'no' });
  if (element === 'dns/cnameRecords') return config('dns', { cnameRecords: state.cnames });
  // What it does not know is no error.
  if (element !== 'dns/hosts') return reply(200, { config: {} });
  return config('dns', { hosts: detailed ? details(state) : state.hosts });
}

function refusedLine({ hosts }: PiholeState, value: string): Reply | null {
  if (!hosts.includes(value)) return invalidIn([...hosts, value]);
  return refusal(400, 'bad_request', {
    message: 'Item already present',
    hint: 'Uniqueness of items is enforced',
  });
}

const config = (section: string, found: object): Reply => reply(200, { config: { [section]: found } });

function details({ hosts, forced }: PiholeState) {
  return {
    description: 'Array of custom DNS records',
    allowed: 'Array of custom DNS records each one in HOSTS form: "IP HOSTNAME"',
    type: 'string array',
    value: hosts,
    default: [],
    modified: hosts.length > 0,
    flags: { restart_dnsmasq: false, session_reset: false, env_var: forced },
  };
}

function refusedWrite(state: PiholeState, element: string, access: Access): Reply | null {
  if (element !== 'dns/hosts') return absent;
  if (access === 'app' && !state.appSudo)
    return refusal(403, 'forbidden', {
      message: 'Unable to change configuration (read-only)',
      hint: 'The current app session is not allowed to modify Pi-hole config settings (webserver.api.app_sudo is false)',
    });
  if (state.readOnly === 'refuses')
    return refusal(403, 'forbidden', { message: 'The config is currently in read-only mode' });
  if (state.forced)
    return refusal(400, 'bad_request', {
      message: 'Config items set via environment variables cannot be changed via the API',
      hint: 'dns.hosts',
    });
  return null;
}
