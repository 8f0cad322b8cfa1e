import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContext, TlsOptions } from 'node:tls';
import { createApi } from './api.ts';
import { type CertificateFault, createCertificates } from './certificates.ts';
import { createFaults, type Faults } from './faults.ts';
import { startProvider } from './provider.ts';
import type { Runtime } from './runtime.ts';
import { type EntryPoint, visit } from './visit.ts';

export interface TraefikOptions {
  /** Every file of the directory and below, by absolute path. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  /** The directory it watches. */
  readonly directory: string;
  /** Where it listens; default 127.0.0.1. */
  readonly address?: string;
  /** Default: any free port. */
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly apiPort?: number;
  /** Default 25. */
  readonly pollMs?: number;
  /** Default 0; the real one collects changes for 2000. */
  readonly throttleMs?: number;
}
export interface Traefik {
  /** Base address of the read API. */
  readonly api: string;
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** PEM text of the authority its certificates come from. */
  readonly ca: string;
  readonly runtime: Runtime;
  /** Its log, where refused files are named. */
  readonly log: readonly string[];
  readonly faults: Faults;
  /** What is wrong with the certificates of which names; may be changed at any time. */
  readonly certificateFaults: Map<string, CertificateFault>;
  /** Reads the directory now instead of soon. */
  reload(): Promise<void>;
  /** As after a restart: what was loaded is forgotten first. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Traefik with its file provider on loopback: entry points `web` and `websecure`, and the read API. */
export async function startTraefik(options: TraefikOptions): Promise<Traefik> {
  const { files, directory, address = '127.0.0.1', pollMs = 25, throttleMs = 0 } = options;
  const log: string[] = [];
  const unknown: string[] = [];
  const faults = createFaults();
  const certificateFaults = new Map<string, CertificateFault>();
  const [certificates, provider] = await Promise.all([
    createCertificates(),
    startProvider({
      files,
      directory,
      entryPoints: ['web', 'websecure'],
      pollMs,
      throttleMs,
      log: (line) => void log.push(line),
    }),
  ]);
  const contextFor = (name: string): Promise<SecureContext> => {
    const routed = provider.runtime.routers.some(
      ({ tls, rule, status }) => tls !== null && status !== 'disabled' && rule?.hosts.includes(name) === true,
    );
    return certificates.contextFor(name, routed, certificateFaults.get(name));
  };
  const answer =
    (entryPoint: EntryPoint) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      visit(provider.runtime, entryPoint, { request, response }).catch((error: unknown) => {
        unknown.push(`the lab failed: ${String(error)}`);
        response.destroy();
      });
    };
  const http = createServer(answer({ name: 'web', secure: false }));
  const https = createSecureServer(
    { SNICallback: pickedBy(contextFor) },
    answer({ name: 'websecure', secure: true }),
  );
  const api = createApi({
    entryPoints: ['web', 'websecure'],
    runtime: () => provider.runtime,
    faults,
    unknown: (request) => void unknown.push(request),
  });
  const servers = [http, https, api];
  const [httpPort, httpsPort, apiPort] = await Promise.all([
    listen(http, options.httpPort ?? 0, address),
    listen(https, options.httpsPort ?? 0, address),
    listen(api, options.apiPort ?? 0, address),
  ]);

  return {
    api: `http://${address}:${apiPort}`,
    address,
    httpPort,
    httpsPort,
    ca: certificates.ca,
    log,
    faults,
    certificateFaults,
    get runtime() {
      return provider.runtime;
    },
    reload: () => provider.reload(),
    restart: () => provider.restart(),
    async close() {
      await provider.close();
      await Promise.all(servers.map(end));
      const wrong = [
        ...unknown.map((one) => `unknown: ${one}`),
        ...faults.unused().map((one) => `unused: ${one}`),
      ];
      if (wrong.length > 0) throw new Error(`Traefik of the lab: ${wrong.join('; ')}`);
    },
  };
}

function pickedBy(
  contextFor: (name: string) => Promise<SecureContext>,
): NonNullable<TlsOptions['SNICallback']> {
  return (name, done) => {
    contextFor(name.toLowerCase()).then(
      (context) => done(null, context),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  };
}

function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
