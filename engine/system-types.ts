/** The systems around the services, from `systems:` of sentinel.yml. Passwords and tokens are names of secrets. */
export interface Systems {
  readonly traefik: TraefikSystem | null;
  readonly dns: DnsSystem | null;
  readonly authentik: AuthentikSystem | null;
  readonly glance: GlanceSystem | null;
  readonly notify: NotifyTargets;
}
export interface TraefikSystem {
  /** A name from the inventory's hosts. */
  readonly host: string;
  /** Where routes are reached, and records point at. */
  readonly address: string;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Directory route files are in, absolute on that host. */
  readonly directory: string;
  /** Base address of its read API; null: a route cannot be proven there. */
  readonly api: string | null;
  /** Its container, where it runs in one: tells how the directory is mounted. */
  readonly container: string | null;
  /** PEM text of an authority its certificates may come from, besides the public ones. */
  readonly ca: string | null;
}
export interface DnsSystem {
  readonly provider: 'pihole' | 'opnsense';
  /** Base address of its API. */
  readonly url: string;
  /** Where it answers DNS: address and port. */
  readonly server: { readonly address: string; readonly port: number };
  /** Pi-hole's password; null for a server without one. */
  readonly password: string | null;
  /** OPNsense's API key and secret. */
  readonly key: string | null;
  readonly secret: string | null;
  readonly ca: string | null;
}
export interface AuthentikSystem {
  /** Base address, as browsers reach it. */
  readonly url: string;
  readonly token: string;
  /** Name of the outpost; null: the embedded one. */
  readonly outpost: string | null;
  /** Base address at which Traefik reaches that outpost: `http://192.168.40.21:9000`. */
  readonly outpostUrl: string;
  /** Slugs. */
  readonly authorizationFlow: string;
  readonly invalidationFlow: string;
  readonly ca: string | null;
}
export interface GlanceSystem {
  readonly host: string;
  /** The main configuration file, absolute on that host. */
  readonly config: string;
  /** Its container; null: it is not validated, restarted or looked at. */
  readonly container: string | null;
  /** Path of the main configuration inside the container. */
  readonly configInside: string;
  /** What makes it take a change: it watches its files itself, or it has to be restarted. */
  readonly reload: 'watch' | 'restart';
  /** Where it answers, to see that it came up again; null: not asked. */
  readonly url: string | null;
}
/** Where the end of a deployment is told besides Discord's channel. */
export interface NotifyTargets {
  /** Secret with a Discord webhook's address. */
  readonly discord: { readonly webhook: string } | null;
  readonly ntfy: { readonly url: string; readonly topic: string; readonly token: string | null } | null;
  /** Any address that takes JSON; `url` and `token` are names of secrets. */
  readonly webhook: { readonly url: string; readonly token: string | null } | null;
}
