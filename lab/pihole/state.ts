/** What a Pi-hole knows and how it is set up; tests read and set it. */
export interface PiholeState {
  /** `dns.hosts`, in the order of insertion. */
  hosts: readonly string[];
  /** `dns.cnameRecords` */
  cnames: readonly string[];
  /** Null: everything is open. */
  password: string | null;
  appPassword: string | null;
  /** `webserver.api.app_sudo` */
  appSudo: boolean;
  /** Whether the password alone is not enough. */
  secondFactor: boolean;
  /** `dns.hosts` is set by the environment of the process. */
  forced: boolean;
  /** `misc.readOnly`; releases until 2026 take changes all the same and forget them. */
  readOnly: 'no' | 'forgets' | 'refuses';
  /** Whether changes reach DNS, and whether DNS answers. */
  dns: 'live' | 'stale' | 'silent';
  /** What other servers answer for names and types it has no record of. */
  upstream: Readonly<Record<string, readonly string[]>>;
}

/** Time constants in milliseconds; a real one has a second, 250, 60 and 10. */
export interface PiholeTimes {
  /** Login attempts are counted for so long. */
  readonly window: number;
  /** How long a refused attempt waits for its refusal. */
  readonly refusal: number;
  /** How long a password is hashed. */
  readonly hash: number;
  /** How long it takes to write the configuration. */
  readonly write: number;
}

export const quickTimes: PiholeTimes = { window: 50, refusal: 5, hash: 1, write: 4 };

export function initialState(given: Partial<PiholeState>): PiholeState {
  return {
    hosts: [],
    cnames: [],
    password: null,
    appPassword: null,
    appSudo: false,
    secondFactor: false,
    forced: false,
    readOnly: 'no',
    dns: 'live',
    upstream: {},
    ...given,
  };
}
