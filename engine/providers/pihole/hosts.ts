import { isRecord, list } from '../../json.ts';
import type { HttpAnswer } from '../http.ts';
import { forced, piholeError, readOnly, refusalIn, refusedChange, strange } from './refusals.ts';
import type { Session } from './session.ts';

/** The lists of names of one Pi-hole, through a session. */
export interface HostLists {
  hosts(): Promise<readonly string[]>;
  cnames(): Promise<readonly string[]>;
  /** Throws when nothing could be changed, or would be forgotten. */
  checkWritable(): Promise<void>;
  /** What is there already is fine. `lines` are what was last read, to name a line that is in the way. */
  add(line: string, lines: readonly string[]): Promise<void>;
  /** Exactly as stored; what is gone already is fine. */
  remove(line: string): Promise<void>;
}

export function hostLists(name: string, session: Session): HostLists {
  const { setting, lines: readLines } = settings(name, session);
  const write = (method: 'PUT' | 'DELETE', line: string): Promise<HttpAnswer> =>
    session.send({ method, path: `/config/dns/hosts/${encodeURIComponent(line)}` });
  return {
    hosts: () => readLines('hosts'),
    cnames: () => readLines('cnameRecords'),
    async checkWritable() {
      if ((await setting('dns/hosts?detailed=true', 'dns', 'hosts', 'flags', 'env_var')) === true)
        throw forced(name);
      if ((await setting('misc/readOnly', 'misc', 'readOnly')) === true) throw readOnly(name);
    },
    async add(line, lines) {
      const answer = await write('PUT', line);
      const refusal = refusalIn(answer);
      if (answer.status === 201 || refusal?.message === 'Item already present') return;
      throw inTheWay(name, refusal?.hint ?? '', lines) ?? refusedChange(name, `add “${line}”`, answer);
    },
    async remove(line) {
      const answer = await write('DELETE', line);
      if (answer.status === 204) return;
      if (answer.status !== 404 || refusalIn(answer) !== null)
        throw refusedChange(name, `remove “${line}”`, answer);
      if (line.includes('/'))
        throw piholeError('system-rejected', name, {
          message: `cannot be told to remove “${line}”, because of the slash in it`,
          hint: 'Remove it by hand, on its page Local DNS records.',
        });
    },
  };
}

/** Reads single settings; a setting a Pi-hole does not know is no error for it. */
function settings(name: string, session: Session) {
  const setting = async (element: string, ...path: readonly string[]): Promise<unknown> => {
    const answer = await session.send({ method: 'GET', path: `/config/${element}` });
    const body = answer.json();
    if (answer.status === 200 && isRecord(body)) return at(body['config'], path);
    throw answer.status === 429 || answer.status >= 500
      ? refusedChange(name, 'tell its names', answer)
      : strange(name, answer);
  };
  const lines = async (key: string): Promise<readonly string[]> => {
    const found = await setting(`dns/${key}`, 'dns', key);
    if (Array.isArray(found)) return list(found).filter((line) => typeof line === 'string');
    throw piholeError('system-rejected', name, {
      message: `has no list dns.${key}`,
      hint: 'Sentinel works with Pi-hole of version 6.',
    });
  };
  return { setting, lines };
}

/** With every addition the whole list is validated, so a line somebody wrote into the file by hand spoils them all. */
function inTheWay(name: string, hint: string, lines: readonly string[]) {
  const index = /dns\.hosts\[(\d+)\]/.exec(hint)?.[1];
  const line = index === undefined ? undefined : lines[Number(index)];
  if (line === undefined) return null;
  return piholeError('system-rejected', name, {
    message: `takes no new name as long as its entry “${line}” is invalid`,
    hint: 'Correct or remove that entry, which Sentinel did not write, on its page Local DNS records.',
  });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((found, key) => (isRecord(found) ? found[key] : undefined), value);
}
