import type { ChangedService, ChangesFile } from '../../schema/index.ts';
import type { FileChange } from '../ports.ts';
import {
  definitionsAmong,
  definitionsTouchedBy,
  inventoryFile,
  serviceName,
  type DefinitionPlace,
} from '../definitions/definition-paths.ts';

export interface Detection {
  /** The content of `changes.json`. */
  readonly changes: ChangesFile;
  /** Why every service is looked at; null when only the touched ones are. */
  readonly reason: string | null;
  /** How to get an incremental answer next time. */
  readonly hint: string | null;
}

/** What detect reads of a repository. */
export interface History {
  has(commit: string, signal: AbortSignal): Promise<boolean>;
  isShallow(signal: AbortSignal): Promise<boolean>;
  /** True for a commit without a parent. */
  isRoot(commit: string, signal: AbortSignal): Promise<boolean>;
  diff(base: string | null, head: string, signal: AbortSignal): Promise<readonly FileChange[]>;
  paths(commit: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Texts of the files that exist, in one go. */
  read(commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}
export interface DetectRequest {
  /** The commit before, as CI gives it: all zeros when there was none. Undefined: nothing to compare with. */
  readonly base: string | undefined;
  readonly head: string;
  readonly place: DefinitionPlace;
  /** Look at every service, for this reason. */
  readonly full: string | null;
}

interface Named {
  readonly path: string;
  readonly name: string;
}
export interface Facts {
  /** Touched definitions as they were, and as they are. */
  readonly before: readonly Named[];
  readonly after: readonly Named[];
  /** Every definition at head; null where only the touched ones count. */
  readonly everything: readonly Named[] | null;
  /** Names that untouched definitions still have at head. */
  readonly elsewhere: ReadonlySet<string>;
  readonly base: string | null;
  readonly head: string;
}

/** Finds what a commit did to the services. Reads only what the commit touched, unless everything is asked for. */
export async function detect(
  history: History,
  request: DetectRequest,
  signal: AbortSignal,
): Promise<Detection> {
  const { head, place } = request;
  const base = await usableBase(history, request, signal);
  const touched = base.commit === undefined ? [] : await history.diff(base.commit, head, signal);
  const reason = request.full ?? base.reason ?? inventoryReason(touched, base.commit, place);
  const names = await touchedNames(history, { touched, base: base.commit ?? null, head, place }, signal);
  const gone = names.before.filter(({ name }) => !names.after.some((now) => now.name === name));
  const all = await namesAtHead(history, { head, place, only: reason === null ? gone : null }, signal);
  const facts = {
    ...names,
    everything: reason === null ? null : all,
    elsewhere: new Set(all.map(({ name }) => name)),
    base: base.commit ?? null,
    head,
  };
  return { changes: decideChanges(facts), reason, hint: reason === null ? null : base.hint };
}

/** Services are told apart by name, so a definition that moved is a change, and one that was renamed is two. */
export function decideChanges({ before, after, everything, elsewhere, base, head }: Facts): ChangesFile {
  const was = new Map(before.map(({ name, path }) => [name, path]));
  const fresh = new Set(after.filter(({ name }) => !was.has(name)).map(({ name }) => name));
  const deploy = (everything ?? after).map(({ path, name }): ChangedService => {
    const from = was.get(name);
    const moved = from !== undefined && from !== path ? { from } : {};
    return { path, name, action: fresh.has(name) ? 'add' : 'modify', ...moved };
  });
  const present = new Set([...after.map(({ name }) => name), ...elsewhere]);
  const remove = before
    .filter(({ name }) => !present.has(name))
    .map(({ path, name }): ChangedService => ({ path, name, action: 'delete' }));
  const added = deploy.filter(({ action }) => action === 'add').length;
  return {
    deploy: sorted(deploy),
    remove: sorted(remove),
    added,
    modified: deploy.length - added,
    deleted: remove.length,
    total: deploy.length + remove.length,
    mode: everything === null ? 'incremental' : 'full',
    base,
    head,
  };
}

interface Base {
  /** Null: compare with nothing at all, so everything is new. Undefined: there is nothing to compare with. */
  readonly commit: string | null | undefined;
  readonly reason: string | null;
  readonly hint: string | null;
}

async function usableBase(
  history: History,
  { base, head }: DetectRequest,
  signal: AbortSignal,
): Promise<Base> {
  if (base === undefined) return { commit: undefined, reason: 'no earlier commit was named', hint: null };
  if (/^0+$/.test(base)) {
    if (await history.isRoot(head, signal)) {
      if (!(await history.isShallow(signal))) return { commit: null, reason: null, hint: null };
    }
    return { commit: undefined, reason: 'there was no commit before on this branch', hint: null };
  }
  if (await history.has(base, signal)) return { commit: base, reason: null, hint: null };
  const short = base.slice(0, 8);
  if (await history.isShallow(signal))
    return {
      commit: undefined,
      reason: `commit ${short} is not in this shallow clone`,
      hint: 'Fetch the whole history (git fetch --unshallow), or set GIT_DEPTH: 0 for this job.',
    };
  return {
    commit: undefined,
    reason: `commit ${short} does not exist any more; the branch was rewritten`,
    hint: 'Services the rewritten commits removed are not found this way; remove them by name.',
  };
}

/** Hosts and defaults concern every service; those that stay as they are cost nothing later. */
function inventoryReason(
  touched: readonly FileChange[],
  base: string | null | undefined,
  { inventories = [inventoryFile] }: DefinitionPlace,
): string | null {
  const paths = touched.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]));
  const changed = inventories.find((file) => paths.includes(file));
  return changed !== undefined && base !== null
    ? `${changed} changed, which can concern every service`
    : null;
}

interface Touched {
  readonly touched: readonly FileChange[];
  readonly base: string | null;
  readonly head: string;
  readonly place: DefinitionPlace;
}

async function touchedNames(history: History, { touched, base, head, place }: Touched, signal: AbortSignal) {
  const paths = touched.flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]));
  const looked = paths.flatMap((path) => definitionsTouchedBy(path, place));
  const before = base === null ? [] : await readNames(history, { commit: base, paths: looked }, signal);
  // A definition that broke is still the service it was; otherwise it would look removed.
  const lastName = new Map(before.map(({ path, name }) => [path, name]));
  const after = await readNames(history, { commit: head, paths: looked, lastName }, signal);
  return { before, after };
}

/** All definitions, or those that may define one of these services too: then only files that mention a name are parsed. */
async function namesAtHead(
  history: History,
  { head, place, only }: Pick<Touched, 'head' | 'place'> & { readonly only: readonly Named[] | null },
  signal: AbortSignal,
): Promise<readonly Named[]> {
  if (only?.length === 0) return [];
  const paths = definitionsAmong(await history.paths(head, signal), place);
  const mentioned = (text: string): boolean => only?.some(({ name }) => text.includes(name)) ?? true;
  return readNames(history, { commit: head, paths, mentioned }, signal);
}

async function readNames(
  history: History,
  {
    commit,
    paths,
    mentioned = () => true,
    lastName = new Map(),
  }: {
    readonly commit: string;
    readonly paths: readonly string[];
    readonly mentioned?: (text: string) => boolean;
    readonly lastName?: ReadonlyMap<string, string>;
  },
  signal: AbortSignal,
): Promise<readonly Named[]> {
  if (paths.length === 0) return [];
  const texts = await history.read(commit, [...new Set(paths)], signal);
  return [...texts]
    .filter(([, text]) => mentioned(text))
    .map(([path, text]) => ({ path, name: serviceName(path, text, lastName.get(path)) }));
}

function sorted(services: readonly ChangedService[]): readonly ChangedService[] {
  return services.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
