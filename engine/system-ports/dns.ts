import type { Problem } from '../problems.ts';

/** Names on the local network. Pi-hole and OPNsense both are one. Throws ProblemError for what fails as a whole. */
export interface DnsProvider {
  /** For people: `Pi-hole at 192.168.90.53`. */
  readonly name: string;
  /** Every address record it keeps, in one call. */
  list(signal: AbortSignal): Promise<readonly DnsEntry[]>;
  /** The entry it would keep for an address of a service; the same for the same input. Pure. */
  entryFor(record: { readonly service: string; readonly name: string; readonly address: string }): string;
  /**
   * Takes entries away and adds others, exactly as written, one request after the other, then reads back.
   * What is there already, or gone already, is fine. Answers for each change, in order; one that failed is left as it was.
   * Throws only as long as nothing was written.
   */
  change(changes: readonly DnsChange[], signal: AbortSignal): Promise<readonly DnsChanged[]>;
  /** Throws ProblemError where the login or the server's settings would let nothing be changed. Only reads. */
  checkWritable(signal: AbortSignal): Promise<void>;
  /** Asks the server itself over DNS; empty when it does not know the name. */
  resolve(name: string, signal: AbortSignal): Promise<readonly string[]>;
}
export interface DnsEntry {
  readonly name: string;
  readonly address: string;
  /** Exactly as the server keeps it. */
  readonly text: string;
  /** The service it is marked for as ours, where the product has a place for a mark. */
  readonly service: string | null;
}
export interface DnsChange {
  readonly name: string;
  readonly remove: readonly string[];
  readonly add: readonly string[];
}
export type DnsChanged =
  | { readonly ok: true; readonly did: readonly string[] }
  | { readonly ok: false; readonly problem: Problem; readonly touched: boolean };
