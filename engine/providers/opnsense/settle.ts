import type { Log } from '../../ports.ts';
import { toProblem, type Problem } from '../../problems.ts';
import { describe } from './host-record.ts';
import type { OverrideApi, Saved } from './override-api.ts';
import { fieldsOf, undoOf, writesFor, type Goal, type Write } from './writes.ts';

/** One change on its way; filled in while it happens. */
export interface Task {
  readonly goal: Goal;
  /** What leads back; null as long as nothing was written. */
  undo: Goal | null;
  /** Written since Unbound last started. */
  unserved: boolean;
  problem: Problem | null;
  readonly did: string[];
}
export function createTask(goal: Goal): Task {
  return { goal, undo: null, unserved: false, problem: null, did: [] };
}
export interface SettleParts {
  /** For people. */
  readonly name: string;
  readonly api: OverrideApi;
  readonly log: Log;
}

/** Saves of two at the same time lose records on the server: what is lost is written again, but not for ever. */
export const mostRepairs = 3;

/**
 * Writes what is left to write, one request after the other, and reads back until it is all there.
 * A refused change ends with its problem; what fails as a whole is thrown.
 */
export async function settle(tasks: readonly Task[], parts: SettleParts, signal: AbortSignal): Promise<void> {
  for (let round = 0; ; round += 1) {
    const open = await outstanding(tasks, parts, signal);
    if (open.length === 0) return;
    if (round > mostRepairs) {
      for (const { task } of open) task.problem = lost(parts.name);
      return;
    }
    if (round > 0)
      parts.log.warn({ system: parts.name, round }, 'host overrides were lost, writing them again');
    for (const each of open) await writeAll(each, parts, signal);
  }
}

interface Open {
  readonly task: Task;
  readonly writes: readonly Write[];
}

async function outstanding(
  tasks: readonly Task[],
  { api }: SettleParts,
  signal: AbortSignal,
): Promise<readonly Open[]> {
  const live = tasks.filter(({ problem }) => problem === null);
  if (live.length === 0) return [];
  const rows = await api.search(signal);
  return live.flatMap((task) => {
    try {
      const writes = writesFor(task.goal, rows);
      return writes.length === 0 ? [] : [{ task, writes }];
    } catch (error) {
      task.problem = toProblem(error);
      return [];
    }
  });
}

async function writeAll(
  { task, writes }: Open,
  { name, api }: SettleParts,
  signal: AbortSignal,
): Promise<void> {
  const repair = task.undo !== null;
  for (const [index, write] of writes.entries()) {
    signal.throwIfAborted();
    // Noted before it is sent: a lost answer does not mean that nothing happened.
    if (!repair) task.undo = undoOf(writes.slice(0, index + 1));
    task.unserved = true;
    const saved = await send(write, api, signal);
    if (!saved.ok) {
      task.problem = refused(name, write, saved.faults);
      return;
    }
    if (!repair) task.did.push(wordsOf(write));
  }
}

async function send(write: Write, api: OverrideApi, signal: AbortSignal): Promise<Saved> {
  switch (write.kind) {
    case 'delete':
      await api.remove(write.record.uuid, signal);
      return { ok: true };
    case 'add':
      return api.add(fieldsOf(write), signal);
    case 'set': {
      const saved = await api.set(write.record.uuid, fieldsOf(write), signal);
      if (saved.ok || saved.faults.length > 0 || write.over !== null) return saved;
      return api.add(fieldsOf(write), signal); // 24.7 changes only what it has and says no more than that it failed
    }
  }
}

function wordsOf(write: Write): string {
  if (write.kind === 'delete') return `removed ${describe(write.record)}`;
  return write.kind === 'set' && write.over
    ? `changed ${describe(write.over)} to ${describe(write.record)}`
    : `added ${describe(write.record)}`;
}

function refused(name: string, write: Write, faults: readonly string[]): Problem {
  const why = faults.length === 0 ? '' : ` (${faults.join('; ').slice(0, 300)})`;
  return {
    code: 'system-rejected',
    message: `${name} did not accept the host override ${describe(write.record)}${why}.`,
    hint: 'Correct the name or the address in the definition.',
  };
}

function lost(name: string): Problem {
  return {
    code: 'system-busy',
    message: `Host overrides keep getting lost on ${name}: somebody else saves at the same time.`,
    hint: 'Let other programs that write to Unbound finish, then try again.',
  };
}
