import type { Scalars } from './service-file.ts';

/** sentinel.yml as written, defaults not filled in. */
export interface SentinelFile {
  readonly domain?: string;
  readonly hosts: Readonly<Record<string, HostSection>>;
  readonly defaults?: {
    readonly user?: string;
    readonly key?: string;
    readonly port?: number;
    readonly install_root?: string;
    readonly automatic_rollback?: boolean;
    readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure';
    readonly environment?: Scalars;
    readonly healthcheck?: {
      readonly interval?: number;
      readonly timeout?: number;
      readonly retries?: number;
      readonly settle?: number;
    };
  };
  readonly environments?: Readonly<
    Record<
      string,
      {
        readonly domain?: string;
        readonly hosts?: Readonly<Record<string, HostSection>>;
        readonly environment?: Scalars;
      }
    >
  >;
  readonly systems?: SystemsSection;
}

export interface HostSection {
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly key?: string;
  readonly host_key?: string | readonly string[];
  readonly install_root?: string;
  readonly purpose?: string;
  readonly docker?: { readonly command?: string; readonly socket?: string };
}

/** The systems around the services; every password and token is the name of a secret. */
export interface SystemsSection {
  readonly traefik?: {
    readonly host: string;
    readonly directory: string;
    readonly address?: string;
    readonly api?: string;
    readonly entrypoints?: readonly string[];
    readonly cert_resolver?: string;
    readonly auth_middleware?: string;
    readonly https_port?: number;
    readonly http_port?: number;
    readonly container?: string;
    readonly ca?: string;
  };
  readonly dns?: {
    readonly provider: 'pihole' | 'opnsense';
    readonly url: string;
    readonly password?: string;
    readonly key?: string;
    readonly secret?: string;
    readonly target?: string;
    readonly server?: string;
    readonly ca?: string;
  };
  readonly authentik?: {
    readonly url: string;
    readonly token: string;
    readonly outpost?: string;
    readonly authorization_flow?: string;
    readonly invalidation_flow?: string;
    readonly outpost_url?: string;
    readonly ca?: string;
  };
  readonly glance?: {
    readonly host: string;
    readonly config: string;
    readonly container?: string;
    readonly page?: string;
    readonly monitor?: string;
    readonly config_inside?: string;
    readonly reload?: 'watch' | 'restart';
    readonly url?: string;
  };
  readonly discord?: { readonly webhook: string };
  readonly ntfy?: { readonly url: string; readonly topic: string; readonly token?: string };
  readonly webhook?: { readonly url: string; readonly token?: string };
  readonly gitlab?: { readonly url: string; readonly project: string; readonly token?: string };
}
