export type SinkName = 'discord' | 'ntfy' | 'webhook';

/** One thing to tell one place. Holds names of secrets only. */
export interface Delivery {
  readonly sink: SinkName;
  /** An address anybody may read, or the name of the secret that holds one. */
  readonly address: { readonly url: string } | { readonly secret: string };
  /** Name of the secret sent as a bearer token. */
  readonly token: string | null;
  /** Sent as JSON. */
  readonly body: unknown;
}

/** Brings deliveries to where they go. */
export interface Notifier {
  /** Tries again for a while; throws ProblemError when it was not taken. */
  deliver(delivery: Delivery, signal: AbortSignal): Promise<void>;
}
