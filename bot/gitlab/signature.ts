import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isSame } from '../hooks/hook.ts';

/** What a signed post says of itself in its headers. Nothing of it is true before `isSigned` says so. */
export interface Signed {
  readonly id: string;
  readonly timestamp: string;
  /** The base64 of each `v1` signature. */
  readonly signatures: readonly string[];
}

const mostSignatures = 10;
const toleranceMs = 5 * 60_000;

/** Null where one of the headers is missing or not what it should be. */
export function parseSigned(headers: IncomingHttpHeaders): Signed | null {
  const id = single(headers['webhook-id']);
  const timestamp = single(headers['webhook-timestamp']);
  const signatures = single(headers['webhook-signature'])
    .split(/\s+/)
    .filter((signature) => signature.startsWith('v1,'))
    .slice(0, mostSignatures)
    .map((signature) => signature.slice('v1,'.length));
  const well = /^[\x21-\x7e]{1,200}$/.test(id) && /^\d{1,12}$/.test(timestamp) && signatures.length > 0;
  return well ? { id, timestamp, signatures } : null;
}

/** Whether it was sent about now: what was caught once cannot be sent again later. */
export function isRecent({ timestamp }: Signed, now: Date): boolean {
  return Math.abs(now.getTime() - Number(timestamp) * 1000) <= toleranceMs;
}

/** One signature that holds is enough: while a token is replaced, there are two. */
export function isSigned({ id, timestamp, signatures }: Signed, body: Buffer, token: string): boolean {
  const expected = createHmac('sha256', keyOf(token))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  return signatures.filter((signature) => isSame(signature, expected)).length > 0;
}

/** Tokens in the form of Standard Webhooks carry the key in base64. */
function keyOf(token: string): Buffer {
  return token.startsWith('whsec_')
    ? Buffer.from(token.slice('whsec_'.length), 'base64')
    : Buffer.from(token, 'utf8');
}

function single(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : '';
}
