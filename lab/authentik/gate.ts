import type { IncomingMessage, ServerResponse } from 'node:http';
import { URLSearchParams } from 'node:url';
import { asText, type AuthentikState, type LabProvider } from './state.ts';

/** What an outpost knows: as much of the server's state as has reached it. */
export interface Served {
  readonly providers: readonly LabProvider[];
}

/** The providers of an outpost that have an application; any other is not served. */
export function servedBy(state: AuthentikState, outpost: string): Served {
  const list = state.outposts.find(({ name }) => name === outpost)?.providers ?? [];
  const used = state.applications.map(({ fields }) => fields['provider']);
  return {
    providers: state.providers
      .filter(({ pk }) => list.includes(pk) && used.includes(pk))
      .map((provider) => ({ ...provider, fields: { ...provider.fields } })),
  };
}

export interface Gate {
  readonly served: Served;
  /** Where browsers reach Authentik. */
  readonly origin: string;
  /** The cookie of somebody who signed on. */
  readonly cookie: string;
}

/** The part of an outpost a reverse proxy asks. Answers whether the request was one for it. */
export async function answerGate(
  gate: Gate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const url = new URL(request.url ?? '/', gate.origin);
  const asked = url.pathname === '/outpost.goauthentik.io/auth/traefik';
  const header = (name: string): string => String(request.headers[name] ?? '');
  const host = (asked ? header('x-forwarded-host') : header('host')).replace(/:\d+$/, '');
  const provider = gate.served.providers.find((each) => guards(each, host, asked));
  if (!asked && url.pathname !== '/outpost.goauthentik.io/start' && provider === undefined) return false;
  if (provider === undefined) {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<p>no app for hostname</p>');
    return true;
  }
  const path = asked ? header('x-forwarded-uri') : url.pathname;
  if (!header('cookie').includes(gate.cookie) && !isOpen(provider, path)) {
    response.writeHead(302, { location: signOnUrl(gate, provider) }).end();
    return true;
  }
  if (asked) response.writeHead(200, { 'x-authentik-username': 'ana' }).end();
  else await passOn(provider, `${url.pathname}${url.search}`, response);
  return true;
}

function guards({ kind, fields }: LabProvider, host: string, asked: boolean): boolean {
  if (kind !== 'proxy') return false;
  const { mode, external_host: external, cookie_domain: domain } = fields;
  if (mode === 'forward_domain') return asked && host.endsWith(`.${asText(domain)}`);
  const same = URL.canParse(asText(external)) && new URL(asText(external)).hostname === host;
  return same && asked === (mode === 'forward_single');
}

function isOpen({ fields }: LabProvider, path: string): boolean {
  const lines = asText(fields['skip_path_regex']).split('\n');
  return lines.some((line) => line !== '' && new RegExp(line).test(path));
}

/** Since 2024 an outpost leads straight to Authentik, without a stop on the application's own address. */
function signOnUrl({ origin }: Gate, { fields }: LabProvider): string {
  const back = `${asText(fields['external_host'])}/outpost.goauthentik.io/callback?X-authentik-auth-callback=true`;
  const query = new URLSearchParams({
    client_id: asText(fields['client_id']),
    redirect_uri: back,
    response_type: 'code',
    scope: 'openid profile email ak_proxy',
    state: 'lab',
  });
  return `${origin}/application/o/authorize/?${query.toString()}`;
}

async function passOn({ fields }: LabProvider, path: string, response: ServerResponse): Promise<void> {
  try {
    const answer = await fetch(`${asText(fields['internal_host'])}${path}`, { redirect: 'manual' });
    response.writeHead(answer.status).end(await answer.text());
  } catch {
    response.writeHead(502).end();
  }
}
