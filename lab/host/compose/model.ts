/** A compose project as resolved: variables replaced, short forms written out. */
export interface Project {
  readonly name: string;
  readonly directory: string;
  readonly files: readonly string[];
  readonly services: readonly ComposeService[];
  readonly volumes: Readonly<Record<string, Resource>>;
  readonly networks: Readonly<Record<string, Resource>>;
  /** Top-level `x-` keys. */
  readonly extensions: Readonly<Record<string, unknown>>;
}
export interface Resource {
  /** The name on the host. */
  readonly name: string;
  readonly external: boolean;
}
export interface ComposeService {
  readonly name: string;
  readonly image: string;
  readonly build: boolean;
  readonly containerName: string | undefined;
  readonly command: readonly string[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly ComposePort[];
  readonly volumes: readonly ComposeVolume[];
  readonly networks: readonly string[];
  readonly networkMode: string | undefined;
  readonly dependsOn: readonly Dependency[];
  readonly restart: string | undefined;
  readonly healthcheck: ComposeHealth | undefined;
  readonly stopGraceMs: number | undefined;
  readonly init: boolean;
  readonly privileged: boolean;
  readonly pullPolicy: string | undefined;
  readonly profiles: readonly string[];
  /** Everything else, as written, so that it counts in the hash and shows in `config`. */
  readonly rest: Readonly<Record<string, unknown>>;
}
export interface ComposePort {
  readonly target: number;
  /** Empty: any free port. */
  readonly published: string;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
}
export interface ComposeVolume {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** A host path that is missing is made; only the short form says so. */
  readonly createHostPath: boolean;
}
export interface Dependency {
  readonly service: string;
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  readonly required: boolean;
  readonly restart: boolean;
}
/** Times in milliseconds; undefined means Docker's default. */
export interface ComposeHealth {
  readonly disabled: boolean;
  readonly test: readonly string[];
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
  readonly retries: number | undefined;
  readonly startPeriod: number | undefined;
}
