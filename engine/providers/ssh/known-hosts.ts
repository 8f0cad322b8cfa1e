import { createHmac } from 'node:crypto';

/** What a known_hosts file says about one host. Keys are in the `type base64` form. */
export interface KnownKeys {
  readonly trusted: readonly string[];
  readonly revoked: readonly string[];
}
interface Line {
  readonly marker: string | null;
  readonly names: readonly string[];
  readonly key: string;
}

/** Looks a host up as OpenSSH does: plain, `[host]:port`, wildcard, negated and hashed names, `@revoked` lines. */
export function lookUpKnownKeys(text: string, address: string, port: number): KnownKeys {
  const name = port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;
  const lines = text.split('\n').flatMap((line) => parseLine(line));
  const about = lines.filter(({ names }) => covers(names, name));
  return {
    // Certificate authorities are left out: the client cannot verify host certificates.
    trusted: about.filter(({ marker }) => marker === null).map(({ key }) => key),
    revoked: about.filter(({ marker }) => marker === '@revoked').map(({ key }) => key),
  };
}

/** `ssh-ed25519 AAAA… comment` → `ssh-ed25519 AAAA…`; null for anything else. */
export function normaliseKey(line: string): string | null {
  const [type, base64] = line.trim().split(/\s+/);
  if (type === undefined || base64 === undefined || !/^[A-Za-z0-9+/]+=*$/.test(base64)) return null;
  return `${type} ${base64}`;
}

function parseLine(line: string): Line[] {
  if (/^\s*(#|$)/.test(line)) return [];
  const fields = line.trim().split(/\s+/);
  const marker = fields[0]?.startsWith('@') === true ? fields[0] : null;
  const [names, ...rest] = marker === null ? fields : fields.slice(1);
  const key = normaliseKey(rest.join(' '));
  return names === undefined || key === null ? [] : [{ marker, names: names.split(','), key }];
}

function covers(patterns: readonly string[], name: string): boolean {
  const negated = patterns.filter((pattern) => pattern.startsWith('!'));
  if (negated.some((pattern) => matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  if (pattern.startsWith('|1|')) return matchesHash(pattern, name);
  const source = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

function matchesHash(pattern: string, name: string): boolean {
  const [, , salt, hash] = pattern.split('|');
  if (salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
