/* As written, defaults not filled in. service-schema.json is the truth; a test parses every example and fixture. */

/** After reading, values of an environment are the text that was written; labels may be any scalar. */
export type Scalar = string | number | boolean;
export type Scalars = Readonly<Record<string, Scalar>>;

export interface ServiceFile {
  readonly service: {
    readonly name: string;
    readonly display_name?: string;
    readonly description?: string;
    readonly category?: string;
    readonly version?: string;
  };
  readonly deployment: DeploymentSection;
  readonly traefik?: {
    readonly enabled?: boolean;
    readonly subdomain?: string;
    readonly entrypoints?: readonly string[];
    readonly tls?: { readonly enabled?: boolean; readonly cert_resolver?: string };
    readonly middlewares?: readonly string[];
    readonly headers?: {
      readonly frame_deny?: boolean;
      readonly sts_seconds?: number;
      readonly content_type_nosniff?: boolean;
      readonly custom?: Readonly<Record<string, string>>;
    };
    readonly scheme?: 'http' | 'https';
    readonly port?: number;
    readonly health_check?: { readonly path: string; readonly interval?: number; readonly timeout?: number };
  };
  readonly dns?: { readonly enabled?: boolean; readonly hostname?: string; readonly ip?: string };
  readonly authentik?: {
    readonly enabled?: boolean;
    readonly method?: 'forward_auth' | 'forward_domain' | 'proxy' | 'oidc';
    readonly name?: string;
    readonly slug?: string;
    readonly group?: string;
    readonly icon?: string;
    readonly skip_paths?: readonly string[];
    readonly oidc?: {
      readonly client_id: string;
      readonly client_secret: string;
      readonly redirect_uris: readonly string[];
    };
  };
  readonly glance?: {
    readonly enabled?: boolean;
    readonly page?: string;
    readonly bookmark?: {
      readonly enabled?: boolean;
      readonly group?: string;
      readonly title?: string;
      readonly description?: string;
      readonly icon?: string;
      readonly url?: string;
    };
    readonly monitor?: {
      readonly enabled?: boolean;
      readonly widget?: string;
      readonly title?: string;
      readonly health_endpoint?: string;
      readonly alt_status_codes?: readonly number[];
      readonly icon?: string;
    };
  };
  readonly watchtower?: { readonly enabled?: boolean; readonly notify_on_update?: boolean };
  readonly notifications?: {
    readonly discord?: { readonly enabled?: boolean };
    readonly ntfy?: { readonly enabled?: boolean; readonly topic?: string };
  };
  readonly metadata?: {
    readonly maintainer?: string;
    readonly docs?: string;
    readonly source?: string;
    readonly tags?: readonly string[];
    readonly notes?: string;
  };
}

export interface DeploymentSection extends ContainerSettings {
  readonly target_host: string;
  readonly port: number | null;
  readonly container_port?: number;
  readonly install_path?: string;
  readonly containers?: Readonly<Record<string, ExtraContainer>>;
  readonly healthcheck?: ServiceHealthcheck;
}

/** How Sentinel asks from outside; `command` is also Docker's own check. */
export interface ServiceHealthcheck extends Partial<ContainerHealthcheck> {
  readonly enabled?: boolean;
  readonly endpoint?: string;
  readonly port?: number;
  readonly expected_status?: number | readonly number[];
  readonly settle?: number;
}
export interface ContainerHealthcheck {
  readonly command: string | readonly string[];
  readonly interval?: number;
  readonly timeout?: number;
  readonly retries?: number;
  readonly start_period?: number;
}

export interface ExtraContainer extends ContainerSettings {
  readonly image: string;
  readonly healthcheck?: ContainerHealthcheck;
}

/** What the service's own container and an extra one have in common. */
export interface ContainerSettings extends PlainSettings {
  readonly image?: string;
  readonly container_name?: string;
  readonly ports?: readonly (string | number)[];
  readonly volumes?: readonly (string | VolumeEntry)[];
  readonly environment?: Scalars;
  readonly secrets?: readonly { readonly name: string; readonly source?: string }[];
  readonly networks?: readonly (string | NetworkEntry)[];
  readonly labels?: Scalars;
  readonly depends_on?: readonly string[];
  readonly restart?: 'no' | 'always' | 'unless-stopped' | 'on-failure';
}

/** Settings compose takes as they are. */
export interface PlainSettings {
  readonly command?: string | readonly string[];
  readonly entrypoint?: string | readonly string[];
  readonly user?: string | number;
  readonly devices?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly hostname?: string;
  readonly extra_hosts?: readonly string[];
  readonly dns?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly shm_size?: string | number;
  readonly sysctls?: Scalars;
  readonly ulimits?: Readonly<Record<string, number>>;
  readonly security_opt?: readonly string[];
  readonly group_add?: readonly (string | number)[];
  readonly runtime?: string;
  readonly gpus?: 'all';
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly pid?: 'host';
  readonly ipc?: string;
  readonly working_dir?: string;
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly mem_limit?: string | number;
  readonly cpus?: number;
  readonly logging?: { readonly driver?: string; readonly options?: Scalars };
  readonly pull_policy?: 'always' | 'missing' | 'never';
  readonly platform?: string;
}

export interface VolumeEntry {
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly external?: boolean;
  readonly driver?: string;
  readonly driver_opts?: Scalars;
}
export interface NetworkEntry {
  readonly name: string;
  readonly external?: boolean;
  readonly driver?: string;
  readonly internal?: boolean;
  readonly aliases?: readonly string[];
  readonly ipv4_address?: string;
}
