/** What the reverse proxy has loaded. */
export interface ProxyReader {
  /** For people: `Traefik at http://192.168.40.2:8080`. */
  readonly name: string;
  /** Every router, service and middleware it has loaded, in one call for each kind and page. */
  read(signal: AbortSignal): Promise<ProxyView>;
  /** Its version and the names of its entry points; null where it does not tell. */
  about(
    signal: AbortSignal,
  ): Promise<{ readonly version: string | null; readonly entryPoints: readonly string[] | null }>;
}
export interface ProxyView {
  readonly routers: readonly LoadedRouter[];
  readonly services: readonly LoadedService[];
  readonly middlewares: readonly LoadedMiddleware[];
}
export type LoadedStatus = 'enabled' | 'disabled' | 'warning';
export interface LoadedRouter {
  /** With its provider: `grafana@file`. */
  readonly name: string;
  readonly rule: string;
  readonly service: string;
  readonly entryPoints: readonly string[];
  readonly middlewares: readonly string[];
  /** Null: plain HTTP. */
  readonly tls: { readonly certResolver: string | null } | null;
  readonly status: LoadedStatus;
  readonly errors: readonly string[];
}
export interface LoadedService {
  readonly name: string;
  readonly servers: readonly string[];
  /** Its settings by kind, as the proxy tells them: `{ loadBalancer: { … } }`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly status: LoadedStatus;
  readonly errors: readonly string[];
}
export interface LoadedMiddleware {
  readonly name: string;
  /** Its settings by kind: `{ headers: { … } }`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly status: LoadedStatus;
  readonly errors: readonly string[];
}
