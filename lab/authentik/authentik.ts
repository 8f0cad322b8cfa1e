import { randomBytes } from 'node:crypto';
import { listen } from '../listen.ts';
import type { Settings } from './call.ts';
import { type Contract, createContract } from './contract/contract.ts';
import { createFaults, type Faults } from './faults.ts';
import { servedBy } from './gate.ts';
import { createPropagation } from './propagation.ts';
import { createAuthentikServer } from './server.ts';
import { type AuthentikState, embeddedName, freshState } from './state.ts';

export interface AuthentikOptions extends Partial<Settings> {
  /** The outpost this server plays besides; the embedded one unless told. */
  readonly outpost?: string;
  /** How long a change takes to reach the outpost; at once unless told. */
  readonly propagationMs?: number;
  /** Where browsers reach it, when that is not where it listens. */
  readonly browserUrl?: string;
  readonly port?: number;
}

/** Authentik and one of its outposts on loopback. */
export interface AuthentikLab {
  /** Base address of the API, and of the outpost. */
  readonly url: string;
  readonly token: string;
  readonly state: AuthentikState;
  readonly faults: Faults;
  readonly contract: Contract;
  /** What a browser sends once somebody signed on. */
  readonly cookie: string;
  /** Everything refuses connections, until `up()` on the same port. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Throws when a request broke the contract, a fault was never met or an unknown route was called. */
  close(): Promise<void>;
}

export async function startAuthentik(options: AuthentikOptions = {}): Promise<AuthentikLab> {
  const { superuser = true, mayUse = () => true, invalidationFlows = true } = options;
  const settings: Settings = { superuser, mayUse, invalidationFlows };
  const token = randomBytes(30).toString('hex');
  const cookie = `authentik_proxy=${randomBytes(12).toString('hex')}`;
  const faults = createFaults();
  const contract = createContract();
  const unknown: string[] = [];
  const server = createAuthentikServer({
    faults,
    api: () => ({
      state,
      settings,
      token,
      inspect: contract.inspect,
      unknown: (route) => void unknown.push(route),
    }),
    gate: () => ({ served: reached.now(), origin, cookie }),
    changed: () => reached.changed(),
  });
  const port = await listen(server, options.port ?? 0);
  const url = `http://127.0.0.1:${port}`;
  const origin = options.browserUrl ?? url;
  const state = freshState(origin);
  const outpost = options.outpost ?? embeddedName;
  const reached = createPropagation(() => servedBy(state, outpost), options.propagationMs ?? 0);

  const down = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    ...{ url, token, state, faults, contract, cookie, down },
    up: async () => {
      await listen(server, port);
    },
    async close() {
      reached.stop();
      if (server.listening) await down();
      complain({
        contract: contract.violations,
        'fault never met': faults.unused(),
        'unknown route': unknown,
      });
    },
  };
}

function complain(all: Readonly<Record<string, readonly string[]>>): void {
  const lines = Object.entries(all).flatMap(([what, each]) => each.map((line) => `${what}: ${line}`));
  if (lines.length > 0) throw new Error(`Authentik lab:\n${lines.join('\n')}`);
}
