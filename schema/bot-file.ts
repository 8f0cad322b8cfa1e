/** bot.yml as written, defaults not filled in. Durations are seconds or text: `1h30m`; see `seconds`. */
export interface BotFile {
  readonly discord: {
    readonly guild: string;
    readonly channel: string;
    /** Name of the secret that holds the token. Default `DISCORD_TOKEN`. */
    readonly token?: string;
  };
  readonly repositories: readonly RepositorySection[];
  readonly roles: readonly GrantSection[];
  readonly approvals?: {
    readonly fallback?: TermsSection;
    readonly rules?: readonly RuleSection[];
  };
  readonly ssh?: {
    readonly keys?: Readonly<
      Record<string, string | { readonly file: string; readonly passphrase?: string }>
    >;
    readonly known_hosts?: string;
  };
  readonly secrets?: {
    readonly directory?: string;
    readonly prefix?: string;
    /** By the name of a secret: the base address, or addresses, it may be sent to. */
    readonly send_to?: Readonly<Record<string, string | readonly string[]>>;
  };
  readonly state?: string;
  readonly health?: { readonly listen?: string };
  /** `token` is the name of a secret. */
  readonly watchtower?: { readonly token: string };
  readonly limits?: { readonly shutdown?: Duration };
  readonly log?: { readonly level?: 'debug' | 'info' | 'warn' | 'error' };
}
export type Duration = string | number;

export interface RepositorySection {
  readonly name: string;
  /** Exactly one of `url` and `path` is there. */
  readonly url?: string;
  readonly path?: string;
  readonly layout?: 'fleet' | 'single';
  readonly branch?: string;
  readonly route?: 'engine' | 'pipeline';
  readonly environments?: Readonly<Record<string, { readonly branch?: string }>>;
  readonly paths?: { readonly services?: string };
  readonly inventory?: string;
  readonly credential?: { readonly user?: string; readonly secret: string };
  readonly ssh_key?: string;
}
export interface GrantSection {
  readonly role: string;
  readonly name?: string;
  readonly capabilities: readonly ('view' | 'deploy' | 'approve' | 'rollback' | 'administer')[];
  readonly environments?: readonly string[];
}
export interface TermsSection {
  readonly required?: number;
  readonly self_approval?: boolean;
  readonly expires?: Duration;
  readonly roles?: readonly string[];
}
export interface RuleSection extends TermsSection {
  readonly environments?: readonly string[];
  readonly categories?: readonly string[];
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `1h30m` → 5400. */
export function seconds(duration: Duration): number {
  if (typeof duration === 'number') return duration;
  let total = 0;
  for (const [, amount, unit] of duration.matchAll(/([0-9]+)([smhd])/g))
    total += Number(amount) * (units[unit ?? ''] ?? 0);
  return total;
}
