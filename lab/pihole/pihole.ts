import { type DnsReply, type DnsServer, startDnsServer } from '../dns-server/dns-server.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { createPiholeContract, type PiholeContract } from './contract.ts';
import { createPiholeFaults, type PiholeFaults } from './faults.ts';
import { route } from './routes.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { initialState, type PiholeState, type PiholeTimes, quickTimes } from './state.ts';
import { type Answer, startWeb } from './web.ts';

export interface PiholeOptions extends Partial<PiholeState> {
  /** How many may be logged in at once; a real one has 16. */
  readonly seats?: number;
  readonly times?: PiholeTimes;
}

/** A Pi-hole on loopback: its API and its DNS, with the habits of release 6.4. */
export interface Pihole {
  /** Base address of the API. */
  readonly url: string;
  /** Where it answers DNS. */
  readonly server: Pick<DnsServer, 'address' | 'port'>;
  readonly state: PiholeState;
  readonly faults: Pick<PiholeFaults, 'next'>;
  readonly contract: PiholeContract;
  /** What was asked: `PUT /config/dns/hosts/192.168.40.20 grafana.home.lan`. */
  readonly requests: readonly string[];
  /** DNS questions, for example `A grafana.home.lan`. */
  readonly questions: readonly string[];
  /** How often a request came while another was under way: a real one may crash. */
  readonly overlaps: number;
  /** Who is logged in; `drop` ends all sessions, as a crash does. */
  readonly sessions: Pick<Sessions, 'count' | 'occupy' | 'drop'>;
  /** What was not saved is gone. */
  restart(): void;
  down(): Promise<void>;
  up(): Promise<void>;
  /** Complains about faults nobody ran into, and about requests no Pi-hole knows. */
  close(): Promise<void>;
}

export async function startPihole(options: PiholeOptions = {}): Promise<Pihole> {
  const { seats = 16, times = quickTimes, ...given } = options;
  const state = initialState(given);
  const configuration = createConfiguration(state, times);
  const sessions = createSessions({ state, times, seats });
  const desk = createDesk(configuration, sessions);
  const web = await startWeb(desk.answer);
  const dns = await startDnsServer({
    answer: (name, type) => dnsReply({ state, configuration }, name, type),
  });
  const down = async (): Promise<void> => {
    await Promise.all([web.down(), dns.down()]);
  };
  return {
    url: `http://127.0.0.1:${web.port}`,
    server: dns,
    state,
    faults: desk.faults,
    contract: desk.contract,
    requests: desk.requests,
    questions: dns.questions,
    get overlaps() {
      return desk.overlaps();
    },
    sessions,
    restart: () => configuration.restart(),
    down,
    async up() {
      await Promise.all([web.up(), dns.up()]);
    },
    async close() {
      await down();
      const unused = desk.faults.unused().map((each) => `nobody ran into the fault ${each}`);
      const strays = [...web.strays, ...desk.strays].map((each) => `nobody knows ${each}`);
      const wrong = [...unused, ...strays];
      if (wrong.length > 0) throw new Error(`the Pi-hole was not asked as expected: ${wrong.join(', ')}`);
    },
  };
}

/** Takes requests as they come, also at the same time, and counts when that happens. */
function createDesk(configuration: Configuration, sessions: Sessions) {
  const faults = createPiholeFaults();
  const contract = createPiholeContract();
  const requests: string[] = [];
  const strays: string[] = [];
  let underWay = 0;
  let overlaps = 0;

  const serve: Answer = async (request) => {
    const path = `/${request.parts.join('/')}`;
    requests.push(`${request.method} ${path}`);
    const fault = faults.take({ method: request.method, path });
    fault?.before?.();
    if (fault?.cut === 'before') return null;
    const { template, answer } = route(request, { sessions, configuration });
    const reply = fault?.reply ?? (await answer());
    if (template === null) strays.push(`${request.method} ${path}`);
    else contract.inspect({ ...request, template, reply: fault?.reply === undefined ? reply : null });
    fault?.after?.();
    return fault?.cut === 'after' ? null : reply;
  };
  const answer: Answer = async (request) => {
    if (underWay > 0) overlaps += 1;
    underWay += 1;
    return serve(request).finally(() => (underWay -= 1));
  };
  return { answer, faults, contract, requests, strays, overlaps: () => overlaps };
}

/** What it has no record of is asked elsewhere, also another type of a name it knows. */
function dnsReply(
  { state, configuration }: { readonly state: PiholeState; readonly configuration: Configuration },
  name: string,
  type: 'A' | 'AAAA',
): DnsReply {
  if (state.dns === 'silent') return 'silent';
  const isKind = (address: string): boolean => address.includes(':') === (type === 'AAAA');
  const own = configuration.addresses(name).filter(isKind);
  return own.length > 0 ? own : (state.upstream[name]?.filter(isKind) ?? 'refused');
}
