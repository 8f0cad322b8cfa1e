import type { Probe } from '../../ports.ts';
import type { ProblemCode } from '../../problems.ts';
import type { Checks } from '../../types.ts';

/** How asking a service from outside went. */
export type Asked =
  | { readonly ok: true; readonly did: readonly string[] }
  | {
      readonly ok: false;
      readonly code: Extract<ProblemCode, 'port-closed' | 'health-failed'>;
      readonly message: string;
    };

/** Asks the port and the health endpoint once, as another machine would. */
export async function askEndpoint(
  address: string,
  { port, http, timeout }: Checks,
  probe: Probe,
  signal: AbortSignal,
): Promise<Asked> {
  const did: string[] = [];
  const timeoutMs = timeout * 1000;
  if (port !== null) {
    if (!(await probe.port(address, port, timeoutMs, signal)))
      return { ok: false, code: 'port-closed', message: `Nothing accepts connections on ${address}:${port}` };
    did.push(`port ${port} answers`);
  }
  if (http !== null) {
    const url = endpointUrl(address, http);
    const status = await probe.http(url, timeoutMs, signal);
    if (status === null || !http.expect.includes(status)) {
      const said = status === null ? 'did not answer' : `answered ${status}`;
      return {
        ok: false,
        code: 'health-failed',
        message: `${url} ${said}, expected ${http.expect.join(' or ')}`,
      };
    }
    did.push(`${http.path} answered ${status}`);
  }
  return { ok: true, did };
}

export function endpointUrl(address: string, { port, path }: NonNullable<Checks['http']>): string {
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${path}`;
}
