import type { Problem } from '../problems.ts';
import type { SignOnState } from '../state-types.ts';

/** Single sign-on. Throws ProblemError for what fails as a whole. */
export interface SignOnProvider {
  /** For people: `Authentik at auth.home.example.net`. */
  readonly name: string;
  /**
   * Every application with its provider and whether the outpost serves it, in one call for each kind of thing. Those
   * `asked` for are found even where the login may not see the whole list.
   */
  list(asked: readonly AskedApplication[], signal: AbortSignal): Promise<SignOnView>;
  /** Who its token belongs to; only a superuser may surely do everything. */
  whoAmI(signal: AbortSignal): Promise<{ readonly name: string; readonly superuser: boolean }>;
  /**
   * Makes one application as wanted, or absent; safe to repeat. `did` tells in a few words what was done. What failed is
   * put back as it was found; `touched` says when that failed too.
   */
  ensure(change: SignOnChange, signal: AbortSignal): Promise<SignOnChanged>;
}
export interface AskedApplication {
  readonly slug: string;
  /** Name of a secret that may be the client secret there. */
  readonly clientSecret: string | null;
}
export interface SignOnView {
  readonly applications: readonly FoundApplication[];
  /** Names are unique among all of them; `application` is the slug of the one it belongs to. */
  readonly providers: readonly { readonly name: string; readonly application: string | null }[];
  /** Providers of ours that have no application. */
  readonly leftovers: readonly SignOnState[];
  /** Providers that guard everything below a domain, and whether the outpost serves them. */
  readonly domains: readonly { readonly domain: string; readonly served: boolean }[];
  /** Slugs. */
  readonly flows: readonly string[];
  /** Name of the outpost sentinel.yml means. */
  readonly outpost: string;
}
export interface FoundApplication {
  readonly state: SignOnState;
  /** The service it is marked for as ours; null: somebody else's. */
  readonly service: string | null;
  /** The provider it has, where that is of a kind Sentinel does not make and so cannot put back. */
  readonly foreignProvider: string | null;
}
export interface SignOnChange {
  readonly before: SignOnState | null;
  readonly after: SignOnState | null;
  readonly service: string;
}
export type SignOnChanged =
  | { readonly ok: true; readonly did: readonly string[] }
  | { readonly ok: false; readonly problem: Problem; readonly touched: boolean };
