import type { Problem } from './problems.ts';
import type { RemoteHost, Secrets, Probe, Clock, Log } from './ports.ts';
import type { SystemClients } from './system-ports/index.ts';
import type { HostEntry, Inventory, Risk, Service, SideStage, StageName, Step, StepOf } from './types.ts';

/** Everything a plan is made for. */
export interface Scope {
  readonly inventory: Inventory;
  readonly services: readonly ScopedService[];
  /** The rest of the fleet as Git defines it: what others want now is not taken away from them. */
  readonly others?: readonly Service[];
  /** What deployments of other services left; a thing nobody else wants any more may go to one of these. */
  readonly elsewhere?: Owned;
  /** True when all of this only leads back to what was: that must not depend on everything being up. */
  readonly goingBack?: boolean;
}
export type ScopedService =
  | {
      readonly want: 'present';
      readonly name: string;
      readonly service: Service;
      /** Where its last deployment put it, when that is another place. */
      readonly formerly?: { readonly host: string; readonly path: string };
      readonly owned: Owned;
    }
  | {
      readonly want: 'absent';
      readonly name: string;
      /** The definition as it last was. */
      readonly service: Service;
      readonly deleteVolumes: boolean;
      readonly owned: Owned;
    }
  | {
      readonly want: 'release';
      readonly name: string;
      /** The definition that release came from, as far as Git knows it. */
      readonly service: Service;
      /** Id of a release on the host. */
      readonly release: string;
      readonly owned: Owned;
    };

/**
 * What earlier deployments of this service left on the systems around it: their last steps there, by what they name.
 * `after` is what was left. Only these things, and those that carry our mark, are ours to change or to remove.
 */
export type Owned = readonly StepOf<SideStage>[];

/** What stages may use. */
export interface Ports {
  host(entry: HostEntry): RemoteHost;
  readonly secrets: Secrets;
  readonly probe: Probe;
  readonly clock: Clock;
  readonly log: Log;
  readonly systems: SystemClients;
}

export interface Survey<S extends StageName> {
  readonly steps: readonly StepOf<S>[];
  readonly risks: readonly Risk[];
  /** Service → what was compared and found equal; for services without a step. */
  readonly proofs: Readonly<Record<string, readonly string[]>>;
  /** Unified diff for people. */
  readonly diff: string;
  readonly problems: readonly Problem[];
}

/** By stage, the services it compared and found as they should be: it has a proof for them. */
export type Settled = Readonly<Partial<Record<StageName, readonly string[]>>>;

/** One thing Sentinel can make true. Observe reads, decide is pure, ensure only writes. */
export interface Stage<S extends StageName> {
  readonly name: S;
  /** `unwind`: the service is put back. `degrade`: the deployment goes on. */
  onFailure(step: StepOf<S>): 'unwind' | 'degrade';
  /** Observes (all systems in parallel, one round trip each) and decides. Surveys of all stages run at the same time. */
  survey(scope: Scope, ports: Ports, signal: AbortSignal): Promise<Survey<S>>;
  /** More steps that follow from those all surveys found. Pure. */
  conclude?(scope: Scope, found: readonly Step[], settled: Settled): readonly StepOf<S>[];
  /**
   * Makes the steps of one system true, in parallel within a limit. Calls `report` once for each step, as it ends.
   * Never throws for one step's failure; throws only when the whole system is lost, after which unreported steps count as failed.
   */
  ensure(steps: readonly StepOf<S>[], context: EnsureContext, signal: AbortSignal): Promise<void>;
  /** Pure: the edits that make the definition say what the system has, for a step that would change it back; null where it cannot. */
  adopt?(step: StepOf<S>, service: Service): readonly DefinitionEdit[] | null;
}
/** One value of a service file; null removes it. */
export interface DefinitionEdit {
  /** `['dns', 'ip']` */
  readonly path: readonly string[];
  readonly value: string | number | boolean | null;
}
export interface EnsureContext {
  readonly ports: Ports;
  readonly scope: Scope;
  readonly deployment: string;
  readonly revision: string;
  readonly phase: 'forward' | 'unwind';
  readonly report: (step: string, result: StepResult) => void;
}
export type StepResult =
  | { readonly ok: true; readonly did: readonly string[] }
  /** `touched: false` promises that nothing on the system was changed, so there is nothing to undo. */
  | { readonly ok: false; readonly problem: Problem; readonly touched: boolean };
