/* Files the stages hand to each other in a pipeline. */

/** changes.json: what a commit did to the services. */
export interface ChangesFile {
  readonly deploy: readonly ChangedService[];
  readonly remove: readonly ChangedService[];
  readonly added: number;
  readonly modified: number;
  readonly deleted: number;
  readonly total: number;
  readonly mode: 'incremental' | 'full';
  readonly base?: string | null;
  readonly head?: string;
}
export interface ChangedService {
  readonly path: string;
  readonly name: string;
  readonly action: 'add' | 'modify' | 'delete';
  /** Old path, after a rename. */
  readonly from?: string;
}

/** verification.json: which checks each deployed service passed. */
export interface VerificationFile {
  readonly services: readonly {
    readonly name: string;
    readonly host: string;
    readonly status: 'passed' | 'degraded' | 'failed';
    readonly checks: readonly {
      readonly check:
        | 'container_running'
        | 'port_listening'
        | 'health_endpoint'
        | 'dns_resolution'
        | 'traefik_route'
        | 'certificate';
      readonly status: 'passed' | 'failed' | 'skipped';
      readonly detail: string;
    }[];
  }[];
  readonly passed: number;
  readonly degraded: number;
  readonly failed: number;
  readonly total: number;
  readonly deployment?: string;
  readonly revision?: string;
  readonly at?: string;
}

/** plan.json: what a person approves and what then runs. The shapes of `before` and `after` belong to the stages. */
export interface PlanFile {
  readonly repository: string;
  readonly environment: string;
  readonly revision: string;
  readonly services: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly category: string;
    readonly host: string;
    readonly action: 'add' | 'modify' | 'delete' | 'none' | 'rollback';
    readonly dependsOn: readonly string[];
    readonly proof: readonly string[];
  }[];
  readonly steps: readonly {
    readonly id: string;
    readonly stage: string;
    readonly service: string;
    readonly system: string;
    readonly target: string;
    readonly cause: string;
    readonly changes: readonly {
      readonly what: string;
      readonly before: string | null;
      readonly after: string | null;
    }[];
    readonly before: object | null;
    readonly after: object | null;
    readonly irreversible?: string;
  }[];
  readonly risks: readonly {
    readonly code: string;
    readonly service: string;
    readonly message: string;
    readonly alwaysApprove: boolean;
  }[];
  readonly downtime: number;
  readonly diff: string;
  readonly digest: string;
}

/** result.json: how a command that acts ended. */
export interface ResultFile {
  readonly command: string;
  readonly outcome: RecordedOutcome;
  readonly services: Readonly<Record<string, RecordedOutcome>>;
  /** The first thing that went wrong. */
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly where?: string;
    readonly hint?: string;
    readonly evidence?: readonly { readonly title: string; readonly text: string }[];
  } | null;
  /** Null when nothing was run. */
  readonly deployment: string | null;
  readonly revision: string | null;
  readonly environment: string;
  /** The CI pipeline it ran in. */
  readonly pipeline?: { readonly id: number; readonly url: string | null };
}
export type RecordedOutcome =
  'succeeded' | 'degraded' | 'rolled-back' | 'failed' | 'needs-attention' | 'cancelled';
