/** What the reverse proxy has loaded. */
export interface ProxyReader {
  /** Every router and service it has loaded, in one call or one for each page. */
  read(signal: AbortSignal): Promise<ProxyView>;
}
export interface ProxyView {
  readonly routers: readonly LoadedRouter[];
  readonly services: readonly LoadedService[];
}
export interface LoadedRouter {
  /** With its provider: `grafana@file`. */
  readonly name: string;
  readonly rule: string;
  readonly service: string;
  readonly entryPoints: readonly string[];
  readonly middlewares: readonly string[];
  readonly status: 'enabled' | 'disabled' | 'warning';
  readonly errors: readonly string[];
}
export interface LoadedService {
  readonly name: string;
  readonly servers: readonly string[];
  readonly status: 'enabled' | 'disabled' | 'warning';
}
