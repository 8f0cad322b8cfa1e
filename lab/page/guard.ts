import type { IncomingMessage, ServerResponse } from 'node:http';
import { PageRefusal } from './page-refusal.ts';

const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

/**
 * Refuses what no page of ours would send. A name that is not loopback's in `Host` is a site that made its own name
 * point here; a foreign `Origin` is a site that talks to us behind its reader's back.
 */
export function checkSender({ headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  if (!loopback.test(host)) throw new PageRefusal(403, 'This page answers only to 127.0.0.1 and localhost.');
  if (origin !== undefined && origin !== `http://${host}`)
    throw new PageRefusal(403, 'Only this page itself may ask for that.');
}

/** Nothing but what this server sends is loaded; the components set sizes and colours as style attributes. */
const policy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}
