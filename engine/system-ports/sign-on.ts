import type { SignOnState } from '../state-types.ts';

/** Single sign-on. Throws ProblemError for what fails. */
export interface SignOnProvider {
  /** For people: `Authentik at auth.home.example.net`. */
  readonly name: string;
  /** Every application with its provider and whether the outpost serves it, in one call for each kind of thing. */
  list(signal: AbortSignal): Promise<readonly FoundApplication[]>;
  /** Makes one application as wanted, or absent; safe to repeat. `did` tells in a few words what was done. */
  ensure(
    change: {
      readonly before: SignOnState | null;
      readonly after: SignOnState | null;
      readonly service: string;
    },
    signal: AbortSignal,
  ): Promise<{ readonly did: readonly string[] }>;
}
export interface FoundApplication {
  readonly state: SignOnState;
  /** The service it is marked for as ours; null: somebody else's. */
  readonly service: string | null;
}
