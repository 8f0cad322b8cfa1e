import type { Clock } from '../../ports.ts';
import { type Problem, ProblemError } from '../../problems.ts';
import type { DnsChange } from '../../system-ports/dns.ts';
import { stored } from './host-line.ts';
import type { HostLists } from './hosts.ts';
import { isPassing, piholeError } from './refusals.ts';

export interface Converging {
  readonly name: string;
  readonly lists: HostLists;
  readonly clock: Clock;
}

/** Another writer who overlaps with us makes the server lose changes it has acknowledged. */
const mostRepairs = 3;
/** A request of somebody else that began before our last one has ended by then. */
const settleMs = 250;
const pauseMs = 300;

/** Reads, writes what is missing, and reads again until all is as wanted and stays so. Answers with what could not be. */
export async function converge(
  { name, lists, clock }: Converging,
  changes: readonly DnsChange[],
  signal: AbortSignal,
): Promise<ReadonlyMap<DnsChange, Problem>> {
  const failed = new Map<DnsChange, Problem>();
  let passing: Problem | null = null;
  let unsettled = false;
  for (let round = 0; ;) {
    const lines = await orProblem(() => lists.hosts());
    const rest = changes.filter((change) => !failed.has(change));
    if (isProblem(lines) && !isPassing(lines))
      return new Map([...failed, ...rest.map((change) => [change, lines] as const)]);
    const open = isProblem(lines) ? rest : rest.filter((change) => isOpen(change, lines));
    if (open.length === 0) {
      if (!unsettled) return failed;
      unsettled = false;
      await clock.wait(settleMs, signal);
      continue;
    }
    if (round > mostRepairs) {
      for (const change of open) failed.set(change, passing ?? restless(name));
      return failed;
    }
    passing = isProblem(lines) ? lines : await writeAll(lists, { open, lines, failed });
    unsettled = true;
    // Two who repair at the same pace would meet again and again.
    if (passing !== null || round > 0) await clock.wait(pauseMs * (1 + Math.random()), signal);
    round += 1;
  }
}

/** True while an entry to add is missing or one to remove is there. */
export function isOpen({ add, remove }: DnsChange, lines: readonly string[]): boolean {
  return add.some((line) => !has(lines, line)) || remove.some((line) => lines.includes(line));
}

/** What a person wrote into the file keeps its blanks; once written again it has lost them. */
export function has(lines: readonly string[], line: string): boolean {
  return lines.includes(line) || lines.includes(stored(line));
}

interface Writing {
  readonly open: readonly DnsChange[];
  readonly lines: readonly string[];
  readonly failed: Map<DnsChange, Problem>;
}

/** One request after the other, additions first, so that a name that moves always has an address. */
async function writeAll(lists: HostLists, { open, lines, failed }: Writing): Promise<Problem | null> {
  for (const change of open) {
    try {
      for (const line of change.add) if (!has(lines, line)) await lists.add(line, lines);
      for (const line of change.remove) if (lines.includes(line)) await lists.remove(line);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      // It may have taken effect all the same: only reading tells.
      if (isPassing(error.problem)) return error.problem;
      failed.set(change, error.problem);
    }
  }
  return null;
}

async function orProblem<T>(task: () => Promise<T>): Promise<T | Problem> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}

function isProblem(found: readonly string[] | Problem): found is Problem {
  return 'code' in found;
}

function restless(name: string): Problem {
  return piholeError('system-busy', name, {
    message: 'does not keep what it is told: something else changes its names at the same time',
    hint: 'Find out what else writes its local DNS records, and try again.',
  }).problem;
}
