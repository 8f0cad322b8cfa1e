export type OpnsenseVersion = '24.7' | '25.7' | '26.7';
/** What the key may do: everything of Unbound, only the page of overrides (as that version spells it), or nothing. */
export type Privilege = 'unbound' | 'overrides' | 'none';

/** A host override as config.xml keeps it. */
export type KeptOverride = Readonly<Record<string, string>> & { readonly uuid: string };

/** Everything that can be looked at and set from outside. */
export interface OpnsenseState {
  overrides: readonly KeptOverride[];
  /** What Unbound started with last. */
  served: readonly KeptOverride[];
  service: 'running' | 'stopped' | 'disabled';
  privilege: Privilege;
  reconfigures: number;
  /** Every request: `POST /api/unbound/service/reconfigure`. */
  readonly requests: string[];
  readonly unknownRoutes: string[];
}

/** Fields a version knows, with what they have when nobody says. */
export function fieldsOf(version: OpnsenseVersion): Readonly<Record<string, string>> {
  return {
    enabled: '1',
    hostname: '',
    domain: '',
    rr: 'A',
    mxprio: '',
    mx: '',
    ...(version === '24.7' ? {} : { ttl: '' }),
    server: '',
    ...(version === '26.7' ? { txtdata: '', addptr: '1' } : {}),
    description: '',
  };
}

const described: Readonly<Record<string, string>> = {
  A: 'A (IPv4 address)',
  AAAA: 'AAAA (IPv6 address)',
  MX: 'MX (Mail server)',
  TXT: 'TXT',
};

/** How a search shows an override: described up to 25.1, raw with the description beside it since. */
export function rowOf(override: KeptOverride, version: OpnsenseVersion): Readonly<Record<string, unknown>> {
  const rr = override['rr'] ?? 'A';
  if (version === '24.7') return { ...override, rr: described[rr] ?? rr };
  const row = { ...override, '%rr': described[rr] ?? rr };
  if (version === '25.7') return row;
  const alias = {
    uuid: `${override.uuid}-alias`,
    isAlias: true,
    hostname: 'also',
    domain: override['domain'],
  };
  return { ...row, isAlias: false, _children: [alias] };
}

/** What the model does not accept; a dot at the end only newer versions see. */
export function validate(
  fields: Readonly<Record<string, string>>,
  version: OpnsenseVersion,
): Readonly<Record<string, string>> {
  const { hostname = '', domain = '', rr = '', server = '' } = fields;
  const address = /^\d{1,3}(\.\d{1,3}){3}$|^[0-9a-f:]*:[0-9a-f:]*$/i.test(server);
  const isAddress = ['A', 'AAAA'].includes(rr);
  return {
    ...(/^[a-z0-9.-]+$/i.test(domain) ? {} : { 'host.domain': 'A valid domain must be specified.' }),
    ...(version === '26.7' && hostname.endsWith('.')
      ? { 'host.hostname': 'A valid hostname must be specified.' }
      : {}),
    ...(isAddress && !address ? { 'host.server': 'A valid IP address must be specified.' } : {}),
  };
}

/** A dot at the end of a host name keeps Unbound from starting. */
export function canStart(overrides: readonly KeptOverride[]): boolean {
  return !overrides.some(({ enabled, hostname = '' }) => enabled === '1' && hostname.endsWith('.'));
}

/** What Unbound answers: a wildcard speaks for its whole domain, over everything below it. */
export function addressesOf(
  overrides: readonly KeptOverride[],
  name: string,
  rr: 'A' | 'AAAA',
): readonly string[] {
  const active = overrides.filter((override) => override['enabled'] === '1' && override['rr'] === rr);
  const wild = active.filter(
    ({ hostname, domain = '' }) => hostname === '*' && `.${name}`.endsWith(`.${domain}`),
  );
  const exact = active.filter(
    ({ hostname = '', domain = '' }) => (hostname === '' ? domain : `${hostname}.${domain}`) === name,
  );
  return (wild.length > 0 ? wild : exact).map(({ server = '' }) => server);
}
