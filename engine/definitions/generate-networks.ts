import type { ContainerSettings, NetworkEntry } from '../../schema/index.ts';

/** The networks a container joins. With extra containers everybody also joins the default one, to reach each other. */
export function joined(settings: ContainerSettings, several: boolean): object {
  const entries = (settings.networks ?? []).map(full);
  if (entries.length === 0) return {};
  if (several && !entries.some(({ name }) => name === 'default')) entries.unshift({ name: 'default' });
  if (entries.every(({ aliases, ipv4_address }) => aliases === undefined && ipv4_address === undefined))
    return entries.map(({ name }) => name);
  return Object.fromEntries(
    entries.map(({ name, aliases, ipv4_address }) => [
      name,
      aliases === undefined && ipv4_address === undefined
        ? null
        : {
            ...(aliases === undefined ? {} : { aliases }),
            ...(ipv4_address === undefined ? {} : { ipv4_address }),
          },
    ]),
  );
}

/** The `networks` section at the end of the file. */
export function networkDeclarations(containers: readonly ContainerSettings[]): {
  readonly networks?: Readonly<Record<string, object | null>>;
} {
  const declared = new Map<string, object | null>();
  for (const entry of containers.flatMap(({ networks = [] }) => networks.map(full)))
    if (entry.name !== 'default')
      declared.set(entry.name, declaration(entry) ?? declared.get(entry.name) ?? null);
  return declared.size === 0 ? {} : { networks: Object.fromEntries(declared) };
}

function declaration({ name, external, driver, internal }: NetworkEntry): object | null {
  if (external === true) return { name, external: true };
  if (driver === undefined && internal !== true) return null;
  return { ...(driver === undefined ? {} : { driver }), ...(internal === true ? { internal } : {}) };
}

function full(entry: string | NetworkEntry): NetworkEntry {
  return typeof entry === 'string' ? { name: entry } : entry;
}
