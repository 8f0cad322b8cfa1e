import { isRecord, list, text } from '../json.ts';

/** Something of the host a compose service mounts, as written. */
export interface Mounted {
  readonly source: string;
  readonly readOnly: boolean;
  /** A block device, not a directory. */
  readonly device: boolean;
}
type Fields = Readonly<Record<string, unknown>>;

/** Host paths a compose service mounts: binds, volumes that are binds in disguise, and files given as secrets or configs. */
export function mountedPaths(service: Fields, document: Fields): readonly Mounted[] {
  return [
    ...list(service['volumes']).flatMap((entry) => ofVolume(entry, document)),
    ...(['secrets', 'configs'] as const).flatMap((kind) =>
      list(service[kind]).flatMap((entry) => {
        const name = isRecord(entry) ? text(entry['source']) : text(entry);
        const file = text(at(at(document, kind), name ?? '')['file']);
        return file === null ? [] : [{ source: file, readOnly: true, device: false }];
      }),
    ),
  ];
}

function ofVolume(entry: unknown, document: Fields): readonly Mounted[] {
  const mount = isRecord(entry) ? longForm(entry) : shortForm(text(entry) ?? '');
  if (mount === null) return [];
  if (/^[./~$\\]/.test(mount.source)) return [{ ...mount, device: false }];
  return disguised(at(at(document, 'volumes'), mount.source), mount.readOnly);
}

function longForm(entry: Fields) {
  const source = text(entry['source']);
  const kind = entry['type'];
  if (source === null || (kind !== 'bind' && kind !== 'volume')) return null;
  return {
    source: kind === 'bind' && !/^[./~$]/.test(source) ? `./${source}` : source,
    readOnly: String(entry['read_only']) === 'true',
  };
}

function shortForm(entry: string) {
  // A default within a variable may hold colons: `${DATA:-/srv}:/data`.
  const match = /^((?:\$\{[^}]*\}+|[^:])+):(.*)$/.exec(entry);
  if (match === null) return null;
  const [, source = '', rest = ''] = match;
  return { source, readOnly: (rest.split(':')[1] ?? '').split(',').includes('ro') };
}

/** A named volume whose options make it a directory or a disk of the host. */
function disguised(volume: Fields, readOnly: boolean): readonly Mounted[] {
  const options = at(volume, 'driver_opts');
  const device = text(options['device']) ?? text(options['mountpoint']);
  const flags = text(options['o']) ?? '';
  const kind = text(options['type']) ?? '';
  const layers = [...flags.matchAll(/(?:lowerdir|upperdir|workdir)=([^,]+)/g)].flatMap((match) =>
    (match[1] ?? '').split(':'),
  );
  const sources = [...(device === null || /^(nfs|cifs|smb|tmpfs)/.test(kind) ? [] : [device]), ...layers];
  return sources
    .filter((source) => /^[./~$]/.test(source))
    .map((source) => ({ source, readOnly: readOnly || flags.split(',').includes('ro'), device: false }));
}

function at(value: Fields, key: string): Fields {
  const found = value[key];
  return isRecord(found) ? found : {};
}
