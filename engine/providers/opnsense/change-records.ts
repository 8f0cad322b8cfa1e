import type { Clock } from '../../ports.ts';
import { toProblem, type Problem } from '../../problems.ts';
import type { DnsChange, DnsChanged } from '../../system-ports/index.ts';
import { addressOf, isAnswer, nameOf, parseEntry, type HostRecord } from './host-record.ts';
import { requireService, serve } from './serve.ts';
import { createTask, mostRepairs, settle, type SettleParts, type Task } from './settle.ts';

export interface ChangeParts extends SettleParts {
  readonly clock: Clock;
  /** Asks the server over DNS. */
  readonly ask: (name: string, signal: AbortSignal) => Promise<readonly string[]>;
}
interface Batch {
  readonly tasks: readonly Task[];
  /** Whether Unbound may have started with what was written. */
  restarted: boolean;
}

/** How long cleaning up may take when what called for the change is gone. */
const cleanUpMs = 120_000;

/** All changes in one batch, served with one restart of Unbound; what cannot be is taken back. Never throws. */
export async function changeRecords(
  changes: readonly DnsChange[],
  parts: ChangeParts,
  signal: AbortSignal,
): Promise<readonly DnsChanged[]> {
  const batch: Batch = { tasks: changes.map(toTask), restarted: false };
  try {
    signal.throwIfAborted();
    await requireService(parts, signal);
    await bring(batch, parts, signal);
  } catch (error) {
    for (const task of live(batch)) task.problem = toProblem(error);
    await restore(batch, parts);
  }
  return batch.tasks.map(resultOf);
}

function toTask({ remove, add }: DnsChange): Task {
  try {
    return createTask({ remove: remove.map(parseEntry), add: add.map(parseEntry) });
  } catch (error) {
    return { ...createTask({ remove: [], add: [] }), problem: toProblem(error) };
  }
}

function live({ tasks }: Batch): readonly Task[] {
  return tasks.filter(({ problem }) => problem === null);
}

/** Failed after something was written for them. */
function halfDone({ tasks }: Batch): readonly Task[] {
  return tasks.filter(({ problem, undo }) => problem !== null && undo !== null);
}

/** Until everything is kept and served: a save of somebody else may lose a record even while Unbound restarts. */
async function bring(batch: Batch, parts: ChangeParts, signal: AbortSignal): Promise<void> {
  for (let round = 0; round <= mostRepairs; round += 1) {
    await settle(live(batch), parts, signal);
    const failed = halfDone(batch);
    await takeBack(failed, parts, signal); // before the restart, which would serve it
    const changed = live(batch).some(({ unserved }) => unserved) || (batch.restarted && failed.length > 0);
    if (!changed && (round > 0 || (await isServed(live(batch), parts, signal)))) return;
    batch.restarted = true;
    await serve(parts, signal);
    for (const task of batch.tasks) task.unserved = false;
  }
}

/** What is kept may not be served yet, when whoever wrote it was cut off before the restart. */
async function isServed(tasks: readonly Task[], parts: ChangeParts, signal: AbortSignal): Promise<boolean> {
  const names = new Set(tasks.flatMap(({ goal }) => [...goal.add, ...goal.remove]).map(nameOf));
  if (names.size === 0) return true;
  const rows = (await parts.api.search(signal)).filter(isAnswer);
  const same = await Promise.all(
    [...names].map(async (name) => {
      const answers = await parts.ask(name, signal).catch(() => null);
      return answers?.join(' ') === addressesOf(rows, name).join(' ');
    }),
  );
  return same.every(Boolean);
}

function addressesOf(rows: readonly HostRecord[], name: string): readonly string[] {
  const addresses = rows.filter((row) => nameOf(row) === name).map(addressOf);
  return [...new Set(addresses)].sort();
}

/** The way back out of a batch that failed as a whole, also when its caller gave up: half a change is worse than none. */
async function restore(batch: Batch, parts: ChangeParts): Promise<void> {
  const signal = AbortSignal.timeout(cleanUpMs);
  const failed = halfDone(batch);
  try {
    await takeBack(failed, parts, signal);
    if (batch.restarted) await serve(parts, signal);
  } catch (error) {
    parts.log.error({ system: parts.name, err: error }, 'the former host overrides are not served');
    for (const task of failed) task.undo ??= task.goal;
  }
}

/** Puts back what failed changes wrote; for those that is possible for, nothing is left to undo. */
async function takeBack(failed: readonly Task[], parts: ChangeParts, signal: AbortSignal): Promise<void> {
  if (failed.length === 0) return;
  const ways = failed.map((task) => ({ task, back: createTask(task.undo ?? task.goal) }));
  await settle(
    ways.map(({ back }) => back),
    parts,
    signal,
  );
  for (const { task, back } of ways) if (back.problem === null) task.undo = null;
  parts.log.warn({ system: parts.name, changes: failed.length }, 'changes of host overrides were taken back');
}

function resultOf({ problem, undo, did }: Task): DnsChanged {
  if (problem === null) return { ok: true, did };
  return {
    ok: false,
    problem: { ...problem, message: messageOf(problem, undo, did) },
    touched: undo !== null,
  };
}

function messageOf({ message }: Problem, undo: Task['undo'], did: Task['did']): string {
  if (undo !== null) return `${message} What was written for it could not be taken back.`;
  return did.length === 0 ? message : `${message} What was written for it was taken back.`;
}
