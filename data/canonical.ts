import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Canonical JSON (RFC 8785). Half a surrogate pair, as a cut-off log line may end in, must not stop a record. */
export function canonicalJson(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value ?? null, (_key, part: unknown) => wellFormed(part)));
  return canonicalize(plain) ?? 'null';
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function wellFormed(part: unknown): unknown {
  return typeof part === 'string' ? Buffer.from(part, 'utf8').toString('utf8') : part;
}
