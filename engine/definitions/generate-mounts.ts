import type { ComposeMount, ContainerSettings, VolumeEntry } from '../../schema/index.ts';

/** The `volumes` of one container. */
export function mounts({ volumes = [] }: ContainerSettings): readonly (string | ComposeMount)[] {
  return volumes.map((entry) =>
    typeof entry === 'string'
      ? entry
      : {
          type: named(entry.source) ? 'volume' : 'bind',
          source: entry.source,
          target: entry.target,
          ...(entry.read_only === true ? { read_only: true } : {}),
        },
  );
}

/** The `volumes` section at the end of the file: every named volume somebody mounts. */
export function volumeDeclarations(containers: readonly ContainerSettings[]): {
  readonly volumes?: Readonly<Record<string, object | null>>;
} {
  const declared = new Map<string, object | null>();
  for (const entry of containers.flatMap(({ volumes = [] }) => volumes.map(full)))
    if (named(entry.source))
      declared.set(entry.source, declaration(entry) ?? declared.get(entry.source) ?? null);
  return declared.size === 0 ? {} : { volumes: Object.fromEntries(declared) };
}

function declaration({ source, external, driver, driver_opts }: VolumeEntry): object | null {
  if (external === true) return { name: source, external: true };
  if (driver === undefined && driver_opts === undefined) return null;
  const options = Object.entries(driver_opts ?? {}).map(([key, value]) => [
    key,
    String(value).replaceAll('$', '$$$$'),
  ]);
  return {
    ...(driver === undefined ? {} : { driver }),
    ...(options.length === 0 ? {} : { driver_opts: Object.fromEntries(options) as Record<string, string> }),
  };
}

function full(entry: string | VolumeEntry): VolumeEntry {
  if (typeof entry !== 'string') return entry;
  const [source = '', target = ''] = entry.split(':');
  return { source, target };
}

function named(source: string): boolean {
  return !/^[./~]/.test(source);
}
