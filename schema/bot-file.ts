/** bot.yml as written, defaults not filled in. Durations are seconds or text: `1h30m`; see `seconds`. */
export interface BotFile {
  readonly discord: {
    readonly guild: string;
    readonly channel: string;
    /** Name of the secret that holds the token. Default `DISCORD_TOKEN`. */
    readonly token?: string;
  };
  readonly gitlab?: GitlabSection;
  readonly repositories: readonly RepositorySection[];
  readonly roles: readonly GrantSection[];
  readonly people?: readonly PersonSection[];
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
    /** Whose CI/CD variables are secrets too. */
    readonly gitlab?: {
      readonly projects?: readonly (string | number)[];
      readonly groups?: readonly (string | number)[];
    };
  };
  readonly state?: string;
  readonly health?: { readonly listen?: string };
  /** `token` is the name of a secret. */
  readonly watchtower?: { readonly token: string };
  /** `token` is the name of a secret. */
  readonly metrics?: { readonly token: string };
  readonly limits?: { readonly shutdown?: Duration };
  readonly log?: { readonly level?: 'debug' | 'info' | 'warn' | 'error' };
}
export type Duration = string | number;

/** Tokens are names of secrets. */
export interface GitlabSection {
  readonly url: string;
  readonly token?: string;
  readonly ca?: string;
  readonly webhook?: { readonly token?: string; readonly signing?: string };
  readonly look?: Duration;
  readonly appear?: Duration;
}
export interface PersonSection {
  readonly discord: string;
  readonly gitlab: string;
  readonly name?: string;
  readonly email?: string;
}

export interface RepositorySection {
  /** Missing only beside `group`. */
  readonly name?: string;
  /** Exactly one of these four is there. */
  readonly url?: string;
  readonly path?: string;
  readonly project?: string | number;
  readonly group?: string | number;
  readonly layout?: 'fleet' | 'single';
  readonly branch?: string;
  readonly route?: 'engine' | 'pipeline';
  readonly changes?: 'commit' | 'merge-request';
  readonly labels?: readonly string[];
  readonly message?: string;
  readonly environments?: Readonly<Record<string, EnvironmentSection>>;
  readonly paths?: { readonly services?: string };
  readonly inventory?: string;
  readonly credential?: { readonly user?: string; readonly secret: string };
  readonly ssh_key?: string;
}
export interface EnvironmentSection {
  readonly branch?: string;
  readonly path?: string;
  readonly route?: 'engine' | 'pipeline';
  readonly changes?: 'commit' | 'merge-request';
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
