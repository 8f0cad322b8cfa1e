import type { Checks, EnvValue, ImageState, Release } from '../../types.ts';
import { isRecord, text } from '../../json.ts';

/** The one line of `release.json`. */
export function formatRelease(release: Release): string {
  // Escaped to ASCII so that every host's tools agree on what a character is.
  return JSON.stringify(release).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A release as its record on the host tells, or null where the record is not one of ours. */
export function parseRelease(id: string, line: string): Release | null {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(found) || typeof found['service'] !== 'string' || typeof found['createdAt'] !== 'string')
    return null;
  return {
    id,
    service: found['service'],
    revision: text(found['revision']),
    deployment: text(found['deployment']),
    createdAt: found['createdAt'],
    files: entries(found['files'], text),
    env: entries(found['env'], parseEnv),
    images: entries(found['images'], parseImage),
    checks: parseChecks(found['checks']),
    verifiedAt: text(found['verifiedAt']),
  };
}

function entries<T>(value: unknown, parse: (value: unknown) => T | null): Readonly<Record<string, T>> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      const parsed = parse(item);
      return parsed === null ? [] : [[key, parsed]];
    }),
  );
}

function parseEnv(value: unknown): EnvValue | null {
  if (!isRecord(value)) return null;
  if (typeof value['value'] === 'string') return { value: value['value'] };
  return typeof value['secret'] === 'string' ? { secret: value['secret'] } : null;
}

function parseImage(value: unknown): (ImageState & { readonly id: string | null }) | null {
  if (!isRecord(value) || typeof value['reference'] !== 'string') return null;
  return { reference: value['reference'], digest: text(value['digest']), id: text(value['id']) };
}

function parseChecks(value: unknown): Checks | null {
  if (!isRecord(value)) return null;
  const number = (key: string, fallback: number) => (typeof value[key] === 'number' ? value[key] : fallback);
  const http = value['http'];
  return {
    port: typeof value['port'] === 'number' ? value['port'] : null,
    http:
      isRecord(http) && typeof http['port'] === 'number' && typeof http['path'] === 'string'
        ? {
            port: http['port'],
            path: http['path'],
            expect: Array.isArray(http['expect'])
              ? http['expect'].filter((status): status is number => typeof status === 'number')
              : [200],
          }
        : null,
    interval: number('interval', 5),
    timeout: number('timeout', 5),
    retries: number('retries', 3),
    settle: number('settle', 3),
  };
}
