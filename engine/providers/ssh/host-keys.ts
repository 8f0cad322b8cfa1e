import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { Problem } from '../../problems.ts';
import type { HostEntry } from '../../types.ts';
import { lookUpKnownKeys, normaliseKey } from './known-hosts.ts';

/** Public host keys in wire form. */
export interface KeysOnRecord {
  readonly trusted: readonly Buffer[];
  readonly revoked: readonly Buffer[];
}

/** The keys a host may show: those of its entry and those of the operator's known_hosts. */
export function keysOnRecord(entry: HostEntry, knownHosts: string | null): KeysOnRecord {
  const known = lookUpKnownKeys(knownHosts ?? '', entry.address, entry.port);
  const own = entry.hostKeys.map((line) => normaliseKey(line)).filter((key) => key !== null);
  return { trusted: [...own, ...known.trusted].map(wireForm), revoked: known.revoked.map(wireForm) };
}

/** Whether the host may be talked to; no trust on first use. */
export function isTrusted(shown: Buffer, { trusted, revoked }: KeysOnRecord): boolean {
  return !revoked.some((key) => key.equals(shown)) && trusted.some((key) => key.equals(shown));
}

/**
 * What to ask the host for, so that one with several keys shows the one on record. An empty record asks for anything:
 * the answer is refused, but its fingerprint is worth telling.
 */
export function hostKeyAlgorithms({ trusted }: KeysOnRecord): ServerHostKeyAlgorithm[] {
  const types = new Set(trusted.map(keyType));
  const wanted = signatures.filter(({ type }) => types.has(type)).map(({ algorithm }) => algorithm);
  return wanted.length > 0 ? wanted : signatures.map(({ algorithm }) => algorithm);
}

/** SHA-1 signatures (`ssh-rsa`) are left out: no server since 2014 needs them. */
const signatures: readonly { readonly type: string; readonly algorithm: ServerHostKeyAlgorithm }[] = [
  { type: 'ssh-ed25519', algorithm: 'ssh-ed25519' },
  { type: 'ecdsa-sha2-nistp256', algorithm: 'ecdsa-sha2-nistp256' },
  { type: 'ecdsa-sha2-nistp384', algorithm: 'ecdsa-sha2-nistp384' },
  { type: 'ecdsa-sha2-nistp521', algorithm: 'ecdsa-sha2-nistp521' },
  { type: 'ssh-rsa', algorithm: 'rsa-sha2-512' },
  { type: 'ssh-rsa', algorithm: 'rsa-sha2-256' },
];

/** The refusal of a host key, with what a person needs to decide. `shown` null: none of a type on record. */
export function hostKeyProblem(entry: HostEntry, record: KeysOnRecord, shown: Buffer | null): Problem {
  const host = `${entry.name} (${entry.address}:${entry.port})`;
  const sight = shown === null ? 'no key of a type on record' : `the key ${describeKey(shown)}`;
  if (shown !== null && record.revoked.some((key) => key.equals(shown)))
    return {
      code: 'host-key-changed',
      message: `${host} showed ${sight}, which known_hosts marks as revoked.`,
      where: entry.name,
      hint: 'Nobody may use this key again. Give the host a new one and put it on record.',
    };
  if (record.trusted.length === 0)
    return {
      code: 'host-key-unknown',
      message: `No host key is on record for ${host}; it showed ${sight}.`,
      where: entry.name,
      hint: `${checkFingerprint(entry)}, then add the line \`ssh-keyscan -p ${entry.port} ${entry.address}\` prints to the known_hosts file of Sentinel, or its last two words as host_key of ${entry.name} in sentinel.yml.`,
    };
  return {
    code: 'host-key-changed',
    message: `${host} showed ${sight}, but on record is ${record.trusted.map(describeKey).join(' or ')}.`,
    where: entry.name,
    hint: `Either the host was installed anew, or somebody is between it and Sentinel. ${checkFingerprint(entry)}; only if it is the one shown here, replace the key on record (known_hosts of Sentinel, or host_key in sentinel.yml).`,
  };
}

function checkFingerprint(entry: HostEntry): string {
  return `On the console of ${entry.name}, run \`for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done\` and compare the fingerprint`;
}

/** `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` prints it. */
export function describeKey(key: Buffer): string {
  const digest = createHash('sha256').update(key).digest('base64').replace(/=+$/, '');
  return `${keyType(key)} SHA256:${digest}`;
}

function keyType(key: Buffer): string {
  if (key.length < 4) return 'unknown';
  return key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

function wireForm(line: string): Buffer {
  return Buffer.from(line.slice(line.indexOf(' ') + 1), 'base64');
}
