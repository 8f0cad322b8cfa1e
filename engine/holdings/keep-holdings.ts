import type { Ports, Scope, ScopedService } from '../ports.ts';
import { ProblemError, toProblem, type Problem } from '../problems.ts';
import { failureOf } from '../stages/deploy/classify.ts';
import type { HostEntry } from '../types.ts';
import { foldOwned, type StepTaken } from './fold.ts';
import type { Held } from './held.ts';

export interface Keeping {
  readonly scope: Scope;
  readonly environment: string;
  readonly deployment: string;
  readonly taken: readonly StepTaken[];
}

/** Long enough for a busy host; it is written while a deployment ends, also one that was stopped. */
const patienceMs = 30_000;

/**
 * Writes down on each service's host what is ours on the systems around it, now that these steps were taken. One round
 * trip to each host. Answers what could not be written, and never throws: what is done is done.
 */
export async function keepHoldings(keeping: Keeping, ports: Ports): Promise<readonly Problem[]> {
  const { scope, taken } = keeping;
  const touched = new Set(taken.map(({ body }) => body.service));
  const changed = scope.services.filter(({ name }) => touched.has(name));
  const names = [...new Set(changed.map(({ service }) => service.host))];
  const problems = await Promise.all(
    names.map((name) => {
      const entry = scope.inventory.hosts[name];
      const own = changed.filter(({ service }) => service.host === name);
      return entry === undefined ? Promise.resolve(null) : keepOn(entry, own, { keeping, ports });
    }),
  );
  return problems.filter((problem) => problem !== null);
}

async function keepOn(
  entry: HostEntry,
  services: readonly ScopedService[],
  { keeping, ports }: { readonly keeping: Keeping; readonly ports: Ports },
): Promise<Problem | null> {
  const at = ports.clock.now().toISOString();
  const { environment, deployment, taken } = keeping;
  const lines = services.map(({ name, service, owned }) => {
    const now = foldOwned(
      owned,
      taken.filter(({ body }) => body.service === name),
    );
    const held: Held = { version: '1', service: name, environment, deployment, at, owned: now };
    return `${now.length > 0 ? 'w' : 'n'}\t${service.installPath}\t${JSON.stringify(held)}\n`;
  });
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const result = await ports.host(entry).run({ script: keepScript, stdin: lines.join('') }, signal);
    if (result.exitCode !== 0)
      throw new ProblemError(failureOf({ host: entry.name, command: 'keep holdings' }, result));
    return null;
  } catch (error) {
    const problem = toProblem(error);
    ports.log.warn({ host: entry.name, deployment, problem }, 'holdings could not be written');
    return problem;
  }
}

/**
 * Standard input, tab-separated: `w` or `n`, the install path, the file's one line. With `n` nothing is ours: that is
 * written down only where releases tell of the service, so that no directory stays for it.
 */
const keepScript = `
tab=$(printf '\\t')
while IFS="$tab" read -r kind path line; do
  own=$path/.sentinel
  if [ "$kind" = n ] && [ ! -d "$own/releases" ]; then rm -f -- "$own/holdings.json"; continue; fi
  (umask 022; mkdir -p -- "$path") && (umask 077; mkdir -p -- "$own") || exit 1
  # Through cat, which says why it cannot write; a shell's own printf only says “I/O error”.
  (umask 077; printf '%s\\n' "$line" | cat > "$own/holdings.json.new") || exit 1
  mv -f -- "$own/holdings.json.new" "$own/holdings.json" || exit 1
done
exit 0
`;
