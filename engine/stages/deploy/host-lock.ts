import type { Ports, RemoteHost } from '../../ports.ts';
import type { LockHolder } from '../../storage.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { HostEntry, Result } from '../../types.ts';
import { failureOf } from './classify.ts';
import { isRecord, text } from '../../json.ts';
import { beatScript, freeScript, takeScript } from './lock-scripts.ts';

export interface LockItem {
  readonly entry: HostEntry;
  readonly path: string;
  readonly service: string;
}
export interface HostLocks {
  /** Aborts when a lock went to somebody else, as after a long pause of this machine. */
  readonly lost: AbortSignal;
  /** Frees what is still ours. Never throws: a lock left behind goes stale by itself. */
  release(): Promise<void>;
}

const staleSeconds = 60;
const beatMs = 15_000;

export interface LockRequest {
  readonly items: readonly LockItem[];
  readonly holder: LockHolder;
  /** Ids of holders that are known to be dead; their locks are taken over at once. */
  readonly dead?: readonly string[];
}

/** Takes the lock of every service on its host, all or none; kept alive until `release`. */
export async function acquireHostLocks(
  { items, holder, dead = [] }: LockRequest,
  ports: Ports,
  signal: AbortSignal,
): Promise<Result<HostLocks>> {
  const line = JSON.stringify({ ...holder, since: ports.clock.now().toISOString() });
  const batches = byHost(items).map((batch) => ({ host: ports.host(batch.entry), paths: batch.paths }));
  const taken = await Promise.all(batches.map((batch) => take(batch, { line, id: holder.id, dead }, signal)));
  const problems = taken.filter((problem) => problem !== null);
  const held = batches.filter((_, index) => taken[index] === null);
  const free = () =>
    Promise.all(
      held.map(({ host, paths }) =>
        host
          .run({ script: freeScript, args: [holder.id], stdin: lines(paths) }, AbortSignal.timeout(15_000))
          .catch((error: unknown) =>
            ports.log.warn({ host: host.entry.name, problem: toProblem(error) }, 'host lock not freed'),
          ),
      ),
    );
  if (problems.length > 0) {
    await free();
    return { ok: false, problems };
  }
  const lost = new AbortController();
  const beat = setInterval(() => {
    for (const { host, paths } of held)
      host
        .run({ script: beatScript, args: [holder.id], stdin: lines(paths) }, AbortSignal.timeout(beatMs))
        .then(({ exitCode, stdout }) => {
          if (exitCode === 0 && Number(stdout) < paths.length) lost.abort();
        })
        .catch((error: unknown) =>
          ports.log.warn({ host: host.entry.name, problem: toProblem(error) }, 'host lock not renewed'),
        );
  }, beatMs);
  beat.unref();
  return {
    ok: true,
    value: {
      lost: lost.signal,
      async release() {
        clearInterval(beat);
        await free();
      },
    },
  };
}

function byHost(items: readonly LockItem[]) {
  const hosts = new Map<string, { readonly entry: HostEntry; readonly paths: string[] }>();
  for (const { entry, path } of items) {
    const batch = hosts.get(entry.name) ?? { entry, paths: [] };
    if (!batch.paths.includes(path)) batch.paths.push(path);
    hosts.set(entry.name, batch);
  }
  return [...hosts.values()];
}

const lines = (paths: readonly string[]) =>
  [...paths]
    .sort()
    .map((path) => `${path}\n`)
    .join('');

async function take(
  { host, paths }: { readonly host: RemoteHost; readonly paths: readonly string[] },
  { line, id, dead }: { readonly line: string; readonly id: string; readonly dead: readonly string[] },
  signal: AbortSignal,
): Promise<Problem | null> {
  try {
    const args = [line, id, String(staleSeconds), dead.join(' ')];
    const result = await host.run({ script: takeScript, args, stdin: lines(paths) }, signal);
    if (result.exitCode === 0) return null;
    const [path, by] = /^taken ([^\t]+)\t(.*)$/m.exec(result.stdout)?.slice(1) ?? [];
    if (path === undefined)
      throw new ProblemError(failureOf({ host: host.entry.name, command: 'flock' }, result));
    return inUse(host.entry.name, path, by ?? '');
  } catch (error) {
    return toProblem(error);
  }
}

function inUse(host: string, path: string, line: string): Problem {
  let found: unknown = null;
  try {
    found = JSON.parse(line);
  } catch {
    // someone else's words are shown as they are
  }
  const holder = isRecord(found) ? found : {};
  const who = text(holder['who']) ?? 'somebody';
  const why = text(holder['reason']);
  const since = text(holder['since']);
  return {
    code: 'host-in-use',
    message: `${path} on ${host} is being worked on by ${who}${why === null ? '' : ` (${why})`}${since === null ? '' : ` since ${since}`}.`,
    where: host,
    hint: 'Wait until that has finished. A Sentinel that died lets go after a minute.',
  };
}
