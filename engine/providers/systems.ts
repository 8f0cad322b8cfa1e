import type { Clock, Log, Secrets } from '../ports.ts';
import type { SystemClients } from '../system-ports/index.ts';

export interface ClientParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Adapters of the systems around the services; one for each system, kept for the life of the process. */
export function createSystemClients(_parts: ClientParts): SystemClients {
  const missing = (): never => {
    throw new Error('not wired yet');
  };
  return { dns: missing, proxy: missing, signOn: missing, close: () => Promise.resolve() };
}
