/** A compose file a person wrote: what Sentinel reads of it. Everything else is Docker's to check. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly include?: unknown;
  readonly volumes?: Readonly<Record<string, unknown>> | null;
  readonly secrets?: Readonly<Record<string, unknown>> | null;
  readonly configs?: Readonly<Record<string, unknown>> | null;
}
export interface ComposeService {
  readonly image?: string;
  readonly container_name?: string;
  readonly build?: unknown;
  readonly extends?: string | { readonly service: string; readonly file?: string };
  readonly privileged?: boolean | string;
  readonly network_mode?: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly (string | number | ComposePort)[];
  readonly volumes?: readonly (string | ComposeMount)[];
  readonly env_file?:
    string | readonly (string | { readonly path: string; readonly required?: boolean | string })[];
  readonly healthcheck?: { readonly test?: unknown; readonly disable?: unknown } | null;
}
export interface ComposePort {
  readonly target: number | string;
  readonly published?: number | string;
  readonly protocol?: 'tcp' | 'udp';
  readonly host_ip?: string;
}
export interface ComposeMount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  readonly source?: string;
  readonly target?: string;
  readonly read_only?: boolean | string;
}
