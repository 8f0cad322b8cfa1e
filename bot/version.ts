import { readFileSync } from 'node:fs';

/** Sentinel's own version: beside this file's folder in the sources, one further up once it is compiled into dist. */
export function readVersion(): string {
  for (const place of ['../package.json', '../../package.json'])
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // look one further up
    }
  return 'unknown';
}
