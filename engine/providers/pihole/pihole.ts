import type { Clock, Log, Secrets } from '../../ports.ts';
import type { DnsProvider } from '../../system-ports/dns.ts';
import type { DnsSystem } from '../../system-types.ts';
import { askDns } from '../dns-question.ts';
import { changeHosts } from './change.ts';
import { hostLine, parseCname, parseHostLine } from './host-line.ts';
import { type HostLists, hostLists } from './hosts.ts';
import { alone } from './queue.ts';
import { type PiholePlace, withSession } from './session.ts';

/** What an adapter of one system needs besides the system. */
export interface PiholeParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Names kept by a Pi-hole of version 6, as host records. Each list and each set of changes is one session. */
export function createPihole(system: DnsSystem, parts: PiholeParts): DnsProvider {
  const base = baseOf(system.url);
  const { host, origin } = new URL(base);
  const { ca, password, server } = system;
  const place: PiholePlace = { ...parts, name: `Pi-hole at ${host}`, base, ca, password };
  const { name, clock } = place;
  const within = <T>(task: (lists: HostLists) => Promise<T>, signal: AbortSignal): Promise<T> =>
    alone(origin, () => withSession(place, (session) => task(hostLists(name, session)), signal));
  return {
    name,
    list: (signal) =>
      within(
        async (lists) => [
          ...(await lists.hosts()).flatMap(parseHostLine),
          ...(await lists.cnames()).flatMap(parseCname),
        ],
        signal,
      ),
    entryFor: hostLine,
    change: (changes, signal) =>
      within((lists) => changeHosts({ name, lists, clock }, changes, signal), signal),
    checkWritable: (signal) => within((lists) => lists.checkWritable(), signal),
    resolve: (asked, signal) => askDns(server, asked, signal),
  };
}

/** People copy the address of its web page. */
function baseOf(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/(api|admin(\/api)?)$/, '');
}
