import type { Problem } from './problems.ts';
import type { Pipelines } from './forge-port.ts';
import type { DefinitionEdit } from './stage-port.ts';
import type { Actor, Draft, Fleet, HostEntry, Offer, Result, DeployRoute } from './types.ts';

export type * from './forge-port.ts';
export type * from './stage-port.ts';

/** A machine we can run programs on, over one shared SSH connection. A non-zero exit is a result, not an exception. */
export interface RemoteHost {
  readonly entry: HostEntry;
  /**
   * Runs a fixed POSIX `sh` script; values reach it only as `args` ($1 …) or `stdin`.
   * Runs as root (`sudo -n` when the user is not). Throws ProblemError when the connection, the login or sudo fails,
   * on time-out (`timed-out`) and when `signal` aborts.
   */
  run(command: RemoteCommand, signal: AbortSignal): Promise<CommandResult>;
  /** GET/POST to the Docker Engine API over the same connection. Path without a version prefix, e.g. `/containers/json?all=1`. */
  docker(request: DockerRequest, signal: AbortSignal): Promise<DockerResponse>;
}
export interface RemoteCommand {
  readonly script: string;
  readonly args?: readonly string[];
  readonly stdin?: string | Buffer;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface DockerRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly timeoutMs?: number;
}
export interface DockerResponse {
  readonly status: number;
  /** Raw body; JSON for most calls, a multiplexed stream for logs. */
  readonly body: Buffer;
}
export interface Hosts {
  /** The same object for the same entry; connects on first use and again after a loss. */
  get(entry: HostEntry): RemoteHost;
  close(): Promise<void>;
}

/** Values of secrets by name. The only place that holds them. */
export interface Secrets {
  has(name: string): boolean;
  /** For services and comparisons, never to log in to a system. Throws ProblemError `secret-missing`. */
  resolve(name: string): string;
  /**
   * To be sent to that origin and nowhere else. Throws ProblemError `system-refused` unless the operator allows it:
   * sentinel.yml names both the secret and the address, and whoever can push can change it. `shown` is what
   * people read in place of an origin that is itself a secret.
   */
  resolveFor(name: string, origin: string, shown?: string): string;
  /** A secret that is an address, to ask what is there; bound in the same way, to its own origin. */
  resolveAddress(name: string): string;
  /** Replaces every known secret value in a text by `[secret NAME]`. */
  redact(text: string): string;
}

/** Asks a port or an HTTP endpoint from here, as other machines would. */
export interface Probe {
  port(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<boolean>;
  /** Status code, or null when nothing answered. Redirects are not followed. */
  http(url: string, timeoutMs: number, signal: AbortSignal): Promise<number | null>;
  /** Visits a page at an address of our choice, as if DNS had said so. Null when nothing answered; redirects are not followed. */
  visit(visit: Visit, signal: AbortSignal): Promise<Visited | null>;
}
export interface Visit {
  /** Gives the scheme, the server name and the path. */
  readonly url: string;
  readonly address: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** PEM text of an authority to trust besides the public ones. */
  readonly ca: string | null;
}
export interface Visited {
  readonly status: number;
  readonly location: string | null;
  /** The first 1000 characters. */
  readonly body: string;
  /** Null over plain HTTP. */
  readonly certificate: {
    /** Null: it holds for this name, now, and comes from somebody who is trusted. */
    readonly fault: string | null;
    readonly validUntil: Date;
  } | null;
}

export interface Clock {
  now(): Date;
  /** Resolves after `ms`, rejects with AbortError when `signal` aborts first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Structured log; messages are constant, facts are fields. A pino logger fits. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: Record<string, unknown>): Log;
}

/** The files of a repository at one commit. Only text files below 1 MB. */
export interface Tree {
  readonly revision: string;
  readonly paths: readonly string[];
  /** Git's blob id, or undefined. Tells whether a file changed without reading it. */
  blob(path: string): string | undefined;
  /** Whether Git keeps it as a program. */
  executable(path: string): boolean;
  read(path: string): string | undefined;
}
export interface CommitInfo {
  readonly id: string;
  readonly author: string;
  readonly at: string;
  readonly subject: string;
}
export interface Resolving {
  readonly revision?: string;
  readonly environment: string;
  /** Where the server does not answer, the branch as it was last seen will do. */
  readonly lastSeen?: boolean;
}
export interface Resolved {
  readonly commit: string;
  readonly branch: string;
  readonly onBranch: boolean;
  /** The server did not answer: the branch may be elsewhere by now. */
  readonly offline?: boolean;
}
export interface Repository {
  readonly name: string;
  /** Fetches, then turns a branch, tag, commit or nothing (the environment's branch) into a commit. */
  resolve(request: Resolving, signal: AbortSignal): Promise<Result<Resolved>>;
  tree(commit: string, signal: AbortSignal): Promise<Tree>;
  info(commit: string, signal: AbortSignal): Promise<CommitInfo>;
  /** `git diff --name-status -M` between two commits; `base` null means everything was added. */
  diff(base: string | null, head: string, signal: AbortSignal): Promise<readonly FileChange[]>;
  /** Makes a commit on top of `base` without publishing it, kept from garbage collection. `text: null` deletes a file. */
  commit(draft: CommitDraft, signal: AbortSignal): Promise<Result<string>>;
  /**
   * Puts a draft on its branch and answers the commit that is there now: the draft itself, or the same change as the
   * server made it. Called again after it was cut off, it changes nothing twice. `branch-moved` when somebody was
   * faster, `change-refused` where the branch is protected or the change cannot be merged; then nothing is published.
   */
  publish(publication: Publication, signal: AbortSignal): Promise<Result<Published>>;
  /** Where changes are merged: shows one to people before it is, as a merge request. Safe to repeat. Null where they go straight to the branch. */
  offer(publication: Publication, signal: AbortSignal): Promise<Result<Offer | null>>;
  /** Takes back what was offered and not merged. Safe to repeat. */
  withdraw(
    withdrawal: { readonly request: string; readonly environment: string; readonly because: string },
    signal: AbortSignal,
  ): Promise<Result<void>>;
}
/** A draft on its way to its branch. */
export interface Publication {
  readonly draft: Draft;
  readonly environment: string;
  /** Id of the request it is made for; part of the commit's message where the server makes the commit. */
  readonly request: string;
  readonly author: Actor;
  readonly approvedBy: readonly string[];
  /** What a merge request says: Markdown. */
  readonly description: string;
  /** True where a pipeline for this commit would do again what is done already. */
  readonly skipPipeline: boolean;
}
export interface Published {
  readonly commit: string;
  /** The merge request or the commit, for people. */
  readonly url: string | null;
}
export interface FileChange {
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed';
  readonly path: string;
  /** The old path of a rename. */
  readonly from?: string;
}
export interface CommitDraft {
  readonly base: string;
  readonly files: readonly { readonly path: string; readonly text: string | null }[];
  readonly message: string;
  readonly author: Actor;
}

/** A repository and how its definitions are laid out; turns a tree into services. */
export interface Source {
  readonly repository: Repository;
  /** Null where the repository is not a project of a forge. */
  readonly pipelines: Pipelines | null;
  /** How changes reach the hosts unless a request says otherwise. */
  readonly route: DeployRoute;
  /** By environment, where it is not the same everywhere; wins over `route`. */
  readonly routes?: Readonly<Record<string, DeployRoute>>;
  /** Problems carry file:line:column. Services with problems are left out of `fleet`. */
  load(tree: Tree, environment: string): { readonly fleet: Fleet; readonly problems: readonly Problem[] };
  /** The edits that set a service's image tag; comments and formatting stay. */
  setVersion(at: DefinitionAt, version: string): Result<CommitDraft['files']>;
  /** The edits that set single values of a service file; comments and formatting stay. */
  setValues(at: DefinitionAt, edits: readonly DefinitionEdit[]): Result<CommitDraft['files']>;
  /** Paths that make up one service's definition. */
  filesOf(at: DefinitionAt): readonly string[];
}
/** One service's definition in one environment: each may have a folder of its own. */
export interface DefinitionAt {
  readonly tree: Tree;
  readonly environment: string;
  readonly service: string;
}
