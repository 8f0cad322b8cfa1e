import type {
  Actor,
  Capability,
  Decision,
  DeployRoute,
  Engine,
  FleetStatus,
  Problem,
  Proposal,
} from '../engine/index.ts';

/** What to show, not how. The bot renders it. */
export type Reply =
  /** A plan somebody may look at and start. */
  | { readonly kind: 'proposal'; readonly proposal: Proposal }
  /** Approvers were asked. */
  | { readonly kind: 'asked'; readonly proposal: Proposal }
  | { readonly kind: 'decision'; readonly decision: Decision }
  /** One request with its buttons, or the list of those that wait. */
  | { readonly kind: 'request'; readonly proposal: Proposal }
  | { readonly kind: 'requests'; readonly proposals: readonly Proposal[] }
  | { readonly kind: 'status'; readonly status: FleetStatus; readonly service: string | null }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

/** The options a person gave, whatever the transport looks like. Nothing in them can be trusted. */
export interface Options {
  /** Null when not given or empty. */
  text(name: string): string | null;
  flag(name: string): boolean;
}

export interface Caller {
  readonly engine: Engine;
  readonly actor: Actor;
  readonly signal: AbortSignal;
  /** Whether this person may do anything at all in an environment. Leaves no record, unlike `authorise`. */
  readonly maySee: (environment: string) => boolean;
}

/** What autocomplete may read: only memory and local storage, it has no time for more. */
export interface Memory {
  readonly engine: Pick<Engine, 'services' | 'environments' | 'pending'>;
  /** Releases as last seen on the host. */
  releases(service: string, environment: string | undefined): Promise<readonly ReleaseChoice[]>;
}
/** What autocomplete may read for one person. */
export interface OwnMemory extends Memory {
  maySee(environment: string): boolean;
}
export interface ReleaseChoice {
  readonly id: string;
  readonly label: string;
}
export interface Choice {
  readonly name: string;
  readonly value: string;
}

/** Anything with a Discord definition, as the builders make it. */
export interface Definition {
  readonly name: string;
  toJSON(): unknown;
}

export interface Command {
  readonly definition: Definition;
  /** Checked by the router before anything is read. */
  readonly needs: Capability;
  answer(options: Options, caller: Caller): Promise<Reply>;
  suggest(option: string, typed: string, options: Options, memory: OwnMemory): Promise<readonly Choice[]>;
}

/** Joins reading the options to acting on them, so that `run` never sees the transport. */
export function command<Input>(parts: {
  readonly definition: Definition;
  readonly needs: Capability;
  readonly read: (options: Options) => Input;
  readonly run: (input: Input, caller: Caller) => Promise<Reply>;
  readonly suggest: Command['suggest'];
}): Command {
  const { read, run, ...rest } = parts;
  return { ...rest, answer: (options, caller) => run(read(options), caller) };
}

/** Drops what was not given, so that optional fields stay absent. */
export function given<T extends Record<string, string | boolean | null>>(
  fields: T,
): { readonly [K in keyof T]?: Exclude<T[K], null> } {
  const kept: { [K in keyof T]?: Exclude<T[K], null> } = {};
  for (const [key, value] of entriesOf(fields)) if (isGiven(value)) kept[key] = value;
  return kept;
}

/** Who makes a change true, where a person said so. */
export function routeOf(options: Options): DeployRoute | null {
  const route = options.text('route');
  return route === 'engine' || route === 'pipeline' ? route : null;
}

function isGiven<V>(value: V): value is Exclude<V, null> {
  return value !== null && value !== false && value !== '';
}

function* entriesOf<T extends object>(fields: T): Generator<[keyof T, T[keyof T]]> {
  for (const key in fields) yield [key, fields[key]];
}
