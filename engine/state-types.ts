import type { Checks } from './definition-types.ts';

/** What each stage can make true. `null` in a step means absent. */
export interface StageState {
  deploy: DeployState;
  traefik: RouteState;
  dns: RecordState;
  authentik: SignOnState;
  glance: TileState;
  verify: VerifyState;
}
/** The stages of the systems around the services. */
export type SideStage = Exclude<keyof StageState, 'deploy' | 'verify'>;

/** One compose project on one host. */
export interface DeployState {
  readonly host: string;
  readonly path: string;
  /** The release on the host that holds these files; null where the deployment itself will name it. */
  readonly release: string | null;
  /** Relative path → hex sha256, with `+x` behind it for a program. Never holds `.env`. */
  readonly files: Readonly<Record<string, string>>;
  /** How the `.env` on the host compares with what the definition and its secrets give; its content is never kept. */
  readonly env: 'current' | 'differs' | 'absent';
  /** Compose service → image. `digest` is the registry's, null where nobody could tell. */
  readonly images: Readonly<Record<string, ImageState>>;
  /** Compose service → state, for example `running`, `exited`, `missing`. */
  readonly containers: Readonly<Record<string, string>>;
  /** Checks of that release; null where no record tells. */
  readonly checks: Checks | null;
  /** The commit it came from, where known. */
  readonly revision: string | null;
  /** True only in a wanted state that deletes the named volumes too. Cannot be undone. */
  readonly deleteVolumes?: boolean;
}
export interface ImageState {
  readonly reference: string;
  readonly digest: string | null;
}

/** One route file of the reverse proxy. Holds no text of the file: what a person wrote into it may be secret. */
export interface RouteState {
  /** The proxy's machine. */
  readonly host: string;
  /** The file, absolute. */
  readonly path: string;
  readonly hostnames: readonly string[];
  /** Where requests go: `http://192.168.40.13:3030`. */
  readonly backend: string | null;
  /** Whether people have to sign on first. */
  readonly signOn: boolean;
  /** Hex sha256 of the file's text; the text of what is replaced is kept on the host under this name. */
  readonly content: string;
}

/** The addresses one name has. */
export interface RecordState {
  /** In lower case, without a dot at the end. */
  readonly name: string;
  /** What the server answers, sorted. */
  readonly addresses: readonly string[];
  /** The server's entries that say so, exactly as it keeps them, to be put back as they were. */
  readonly entries: readonly string[];
}

/** An application people sign on to, and how it is guarded. */
export interface SignOnState {
  readonly slug: string;
  readonly name: string;
  readonly group: string;
  readonly launchUrl: string;
  readonly icon: string;
  /** Null: the application is a tile only, and a provider for its whole domain guards it. */
  readonly provider: SignOnProviderState | null;
  /** Name of the outpost that serves it, null where none has to. */
  readonly outpost: string | null;
  /** Who may use it, as a person set it; nobody named means everybody who can log in. Never ours to change. */
  readonly bindings: readonly SignOnBinding[];
  /** What else a person may have set, as JSON text, to be put back with an application that is made again. */
  readonly settings: string;
  /** True for a provider of ours alone, whose application is gone or was never made. */
  readonly leftover?: boolean;
}
/** One rule about who may use an application: a policy, a group or a user. */
export interface SignOnBinding {
  readonly policy: string | null;
  readonly group: string | null;
  readonly user: number | null;
  readonly order: number;
  readonly enabled: boolean;
  readonly negate: boolean;
  readonly timeout: number;
  readonly failureResult: boolean;
}
export type SignOnProviderState =
  | {
      readonly kind: 'proxy';
      readonly name: string;
      readonly mode: 'forward_single' | 'proxy';
      readonly externalHost: string;
      /** Only where Authentik itself passes requests on. */
      readonly internalHost: string | null;
      /** Regular expressions of paths that need no login. */
      readonly skipPaths: readonly string[];
      /** Slugs. */
      readonly authorizationFlow: string;
      readonly invalidationFlow: string;
      /** As with the application's; never a secret. */
      readonly settings: string;
    }
  | {
      readonly kind: 'oidc';
      readonly name: string;
      readonly clientId: string;
      /** Name of the secret, null where it is not known to us. */
      readonly clientSecret: string | null;
      readonly redirectUris: readonly string[];
      readonly authorizationFlow: string;
      readonly invalidationFlow: string;
      readonly settings: string;
    };

/** One entry of the dashboard. */
export interface TileState {
  readonly kind: 'bookmark' | 'monitor';
  /** The file it is written in, absolute on the dashboard's machine. */
  readonly file: string;
  readonly page: string;
  /** Title of the bookmark group or of the monitor widget. */
  readonly list: string;
  readonly title: string;
  readonly url: string;
  /** Hex sha256 of its lines; the text of what is replaced is kept on the host under this name. */
  readonly content: string;
  /** Its place in the list, from 0; null: at the end. */
  readonly index: number | null;
}

/** What has to be proven. */
export type VerifyState = ServiceCheck | NameCheck | RouteCheck;
/** Containers, port and health endpoint. */
export interface ServiceCheck {
  readonly kind: 'service';
  readonly host: string;
  readonly checks: Checks;
  readonly containers: readonly string[];
}
/** The configured DNS server, asked directly, answers exactly these addresses. */
export interface NameCheck {
  readonly kind: 'name';
  readonly name: string;
  readonly addresses: readonly string[];
}
/** The route answers through the proxy, with a certificate that holds. */
export interface RouteCheck {
  readonly kind: 'route';
  /** `https://grafana.home.example.net/` */
  readonly url: string;
  /** Where the proxy listens. */
  readonly address: string;
  readonly port: number;
  /** Base address of the sign-on people must be sent to; null: they must not be. */
  readonly signOn: string | null;
}
