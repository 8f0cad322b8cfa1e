import { createServer as createHttpsServer } from 'node:https';
import type { RequestListener, Server } from 'node:http';
import { generate } from 'selfsigned';

/** A certificate authority of a test, and what it signs. */
export interface Authority {
  /** PEM text. */
  readonly ca: string;
  sign(wish: Wish): Promise<Signed>;
}
export interface Wish {
  readonly name: string;
  /** In days from now; may be in the past. */
  readonly from?: number;
  readonly until?: number;
}
export interface Signed {
  readonly key: string;
  readonly cert: string;
}

const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const elliptic = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

export async function createAuthority(): Promise<Authority> {
  const own = await generate([{ name: 'commonName', value: 'Authority of a test' }], {
    ...elliptic,
    notBeforeDate: inDays(-1000),
    notAfterDate: inDays(1000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true },
    ],
  });
  return { ca: own.cert, sign: (wish) => certificateOf(wish, { key: own.private, cert: own.cert }) };
}

/** Signed by nobody but itself. */
export function selfSigned(wish: Wish): Promise<Signed> {
  return certificateOf(wish);
}

async function certificateOf({ name, from = -1, until = 365 }: Wish, ca?: Signed): Promise<Signed> {
  const made = await generate([{ name: 'commonName', value: name }], {
    ...elliptic,
    notBeforeDate: inDays(from),
    notAfterDate: inDays(until),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    ...(ca === undefined ? {} : { ca }),
  });
  return { key: made.private, cert: made.cert };
}

export function httpsServer({ key, cert }: Signed, listener: RequestListener): Server {
  return createHttpsServer({ key, cert }, listener);
}
