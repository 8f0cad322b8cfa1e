import { once } from 'node:events';
import { createServer } from 'node:http';
import { type DnsServer, startDnsServer } from '../dns-server/dns-server.ts';
import { createOpnsenseFaults, type OpnsenseFaults } from './faults.ts';
import {
  addressesOf,
  fieldsOf,
  type KeptOverride,
  type OpnsenseState,
  type OpnsenseVersion,
  type Privilege,
} from './state.ts';
import { answer } from './web.ts';

export interface OpnsenseOptions {
  /** 26.7 unless told. */
  readonly version?: OpnsenseVersion;
  /** Default `lab-key`. */
  readonly key?: string;
  /** Default `lab-secret`. */
  readonly secret?: string;
  readonly privilege?: Privilege;
  readonly overrides?: readonly KeptOverride[];
  readonly saveMs?: number;
  readonly restartMs?: number;
}

/** An OPNsense on loopback: the part of its API for host overrides, and Unbound over DNS. */
export interface LabOpnsense {
  /** Base address of the API. */
  readonly url: string;
  /** Where it answers DNS. */
  readonly server: Pick<DnsServer, 'address' | 'port'>;
  readonly state: OpnsenseState;
  readonly faults: Pick<OpnsenseFaults, 'next'>;
  /** As if a person had saved it on the page of overrides; served only after the next restart. */
  keep(override: KeptOverride): void;
  /** Complains about faults nobody ran into, and about requests no OPNsense knows. */
  close(): Promise<void>;
}

export async function startOpnsense(options: OpnsenseOptions = {}): Promise<LabOpnsense> {
  const { version = '26.7', key = 'lab-key', secret = 'lab-secret', saveMs = 2, restartMs = 5 } = options;
  const complete = (override: KeptOverride): KeptOverride => ({ ...fieldsOf(version), ...override });
  const overrides = (options.overrides ?? []).map(complete);
  const state: OpnsenseState = {
    overrides,
    served: overrides,
    service: 'running',
    privilege: options.privilege ?? 'unbound',
    reconfigures: 0,
    requests: [],
    unknownRoutes: [],
  };
  const faults = createOpnsenseFaults();
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
  const parts = { state, version, saveMs, restartMs, faults, authorization };
  const web = createServer((request, response) => void answer(request, response, parts));
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const dns = await startDnsServer({
    answer(name, type) {
      if (state.service !== 'running') return 'silent';
      const known = addressesOf(state.served, name, type);
      return known.length > 0 ? known : 'unknown';
    },
  });
  const bound = web.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    server: dns,
    state,
    faults,
    keep: (override) => void (state.overrides = [...state.overrides, complete(override)]),
    async close() {
      web.close();
      web.closeAllConnections();
      await dns.close();
      const unused = faults.unused().map((each) => `nobody ran into the fault ${each}`);
      const wrong = [...unused, ...state.unknownRoutes.map((each) => `nobody knows ${each}`)];
      if (wrong.length > 0) throw new Error(`OPNsense was not asked as expected: ${wrong.join(', ')}`);
    },
  };
}
