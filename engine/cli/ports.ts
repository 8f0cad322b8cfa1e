import type { Examination } from '../doctor/index.ts';
import type { Notifier } from '../notify/index.ts';
import type { Ask } from './ask.ts';
import type { Checkout } from '../providers/git/checkout.ts';
import type { Ports, Secrets, Tree } from '../ports.ts';

/** Everything the command line is built from; only a composition root makes one. */
export interface CliPorts {
  readonly version: string;
  /** Variables with defaults: `CI_COMMIT_SHA`, `CI_COMMIT_BEFORE_SHA`, `CI_PIPELINE_SOURCE`, `CI_PROJECT_DIR`, and others `docs/cli.md` names. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly color: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly openCheckout: (directory: string, signal: AbortSignal) => Promise<Checkout>;
  readonly createWorkingTree: (directory: string, signal: AbortSignal) => Promise<Tree>;
  /** Hosts, systems and secrets; null when no key is configured, so that nobody can be asked. Connects only on use. */
  readonly openLive: () => Promise<LivePorts> | null;
  /** Null where nobody is there to answer. */
  readonly ask: Ask | null;
  /** `user@machine`, for whoever meets our lock. */
  readonly login: string;
  /** Who tells Discord, ntfy and webhooks, and the secrets their addresses are in. */
  readonly openNotifier: () => Promise<{
    readonly notifier: Notifier;
    readonly secrets: Pick<Secrets, 'has' | 'redact'>;
    readonly now: () => Date;
  }>;
  readonly verifyAudit: (file: string, expected: { readonly head?: string }) => AuditVerdict;
  /** Answers how many rows were written. */
  readonly exportAudit: (
    file: string,
    filter: { readonly since?: string },
    writeLine: (line: string) => void,
  ) => number;
  /** Copies the database, also while it is written to, and answers what verifying the copy found. */
  readonly backUp: (from: string, to: string) => Promise<AuditVerdict>;
  /** The checks of the host a bot runs on, from its bot.yml. */
  readonly openBotDoctor: (file: string, how: { readonly offline: boolean }) => Promise<Examination>;
  /** Asks Discord which application it is, where none is named. */
  readonly readInvite: (
    from: { readonly file: string | null; readonly application: string | null },
    signal: AbortSignal,
  ) => Promise<DiscordInvite>;
}

export interface DiscordInvite {
  readonly application: string;
  readonly guild: string | null;
  /** Decimal, as Discord writes it. */
  readonly permissions: string;
  readonly names: readonly string[];
  readonly link: string;
}

/** The outside as the engine sees it. */
export interface LivePorts {
  readonly ports: Ports;
  close(): Promise<void>;
}

export type AuditVerdict =
  | { readonly ok: true; readonly rows: number; readonly head: string }
  | { readonly ok: false; readonly row: number; readonly reason: string };

export const exitCodes = {
  ok: 0,
  problems: 1,
  usage: 2,
  couldNotRun: 3,
  degraded: 4,
  rolledBack: 5,
  attention: 6,
} as const;
