import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { isIP } from 'node:net';
import { createSecureContext, rootCertificates, type SecureContext, TLSSocket } from 'node:tls';
import type { Visit, Visited } from '../ports.ts';
import { ask } from './ask.ts';
import { certificateFault } from './certificate-fault.ts';

const mostCharacters = 1000;
/** A page that never ends has answered all the same. */
const bodyPatienceMs = 1000;

/** Visits a page at the given address with the name from its URL, whatever its certificate is worth. */
export function visitPage(visit: Visit, signal: AbortSignal): Promise<Visited | null> {
  return ask<Visited | null>({ silence: null, timeoutMs: visit.timeoutMs, signal }, (answer) => {
    const url = new URL(visit.url);
    const name = url.hostname.replace(/^\[|\]$/g, '');
    const options = {
      host: visit.address,
      port: visit.port,
      path: `${url.pathname}${url.search}`,
      agent: false as const,
      // As a browser: a sign-on answers a program with 401 instead of leading it to the login.
      headers: { host: url.host, 'user-agent': 'sentinel', accept: 'text/html,*/*;q=0.8' },
    };
    const request =
      url.protocol === 'https:'
        ? httpsGet({
            ...options,
            servername: isIP(name) === 0 ? name : '',
            rejectUnauthorized: false,
            ...(visit.ca === null ? {} : { secureContext: trusting(visit.ca) }),
          })
        : httpGet(options);
    const endings: (() => void)[] = [() => request.destroy()];
    request.on('error', () => answer(null));
    request.once('response', (response) => {
      const { socket } = response;
      const certificate = socket instanceof TLSSocket ? certificateOf(socket, name) : null;
      const tell = (body: string) => answer({ ...headOf(response), body, certificate });
      endings.push(readBeginning(response, tell));
    });
    return () => endings.forEach((end) => end());
  });
}

const contexts = new Map<string, SecureContext>();

/** Reading all public authorities takes longer than the visit, so it is done once for each authority besides them. */
function trusting(ca: string): SecureContext {
  const known = contexts.get(ca) ?? createSecureContext({ ca: [...rootCertificates, ca] });
  contexts.set(ca, known);
  return known;
}

function headOf({ statusCode = 0, headers }: IncomingMessage): Pick<Visited, 'status' | 'location'> {
  return { status: statusCode, location: headers.location ?? null };
}

function certificateOf(socket: TLSSocket, name: string): Visited['certificate'] {
  const certificate = socket.getPeerCertificate();
  return {
    fault: certificateFault({ certificate, name, now: new Date(), refusal: refusalOf(socket) }),
    validUntil: new Date(certificate.valid_to),
  };
}

/** Node gives the code of what is wrong here, though its types promise an error. */
function refusalOf({ authorized, authorizationError: error }: TLSSocket): string | null {
  if (authorized) return null;
  const given: unknown = error;
  return given instanceof Error ? given.message : typeof given === 'string' ? given : 'it is not trusted';
}

/** Tells the first characters as soon as they are there; returns how to stop waiting for them. */
function readBeginning(response: IncomingMessage, tell: (body: string) => void): () => void {
  let text = '';
  const enough = () => tell(text.slice(0, mostCharacters));
  const timer = setTimeout(enough, bodyPatienceMs);
  response.setEncoding('utf8');
  response.on('data', (part: string) => {
    text += part;
    if (text.length >= mostCharacters) enough();
  });
  response.on('end', enough);
  response.on('error', enough);
  return () => clearTimeout(timer);
}
