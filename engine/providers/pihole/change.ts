import { toProblem } from '../../problems.ts';
import type { DnsChange, DnsChanged } from '../../system-ports/dns.ts';
import { converge, type Converging, has, isOpen } from './converge.ts';

/** Makes every change true, and puts back what belongs to one that failed. Throws only before the first write. */
export async function changeHosts(
  converging: Converging,
  changes: readonly DnsChange[],
  signal: AbortSignal,
): Promise<readonly DnsChanged[]> {
  const { lists } = converging;
  const found = await lists.hosts();
  if (!changes.some((change) => isOpen(change, found))) return changes.map(() => ({ ok: true, did: [] }));
  await lists.checkWritable();
  signal.throwIfAborted();
  try {
    const problems = await converge(converging, changes, signal);
    const touched = await putBack(converging, { changes: [...problems.keys()], found }, signal);
    return changes.map((change): DnsChanged => {
      const problem = problems.get(change);
      if (problem === undefined) return { ok: true, did: tell(differences(change, found)) };
      return { ok: false, problem, touched: touched.has(change) };
    });
  } catch (error) {
    // Stopped on the way: who had nothing to write has nothing to undo.
    const problem = toProblem(error);
    return changes.map((change): DnsChanged => ({ ok: false, problem, touched: isOpen(change, found) }));
  }
}

/** The failed changes of which something is left. */
async function putBack(
  converging: Converging,
  { changes, found }: { readonly changes: readonly DnsChange[]; readonly found: readonly string[] },
  signal: AbortSignal,
): Promise<ReadonlySet<DnsChange>> {
  if (changes.length === 0) return new Set();
  const pairs = changes.map((change) => {
    const { name, add, remove } = differences(change, found);
    return { change, back: { name, add: remove, remove: add } };
  });
  const stuck = await converge(
    converging,
    pairs.map(({ back }) => back),
    signal,
  );
  return new Set(pairs.flatMap(({ change, back }) => (stuck.has(back) ? [change] : [])));
}

/** What a change has to do to the lines that were found. */
function differences({ name, add, remove }: DnsChange, found: readonly string[]): DnsChange {
  return {
    name,
    add: add.filter((line) => !has(found, line)),
    remove: remove.filter((line) => found.includes(line)),
  };
}

function tell({ add, remove }: DnsChange): readonly string[] {
  return [...add.map((line) => `added “${line}”`), ...remove.map((line) => `removed “${line}”`)];
}
