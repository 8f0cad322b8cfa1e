import { endedWell } from '../deploy/compare.ts';
import type { FoundContainer } from '../deploy/found.ts';

/** What the containers of one service look like at one moment. */
export type Verdict =
  | {
      readonly kind: 'up';
      /** Running ones whose health nobody checks; they have to stay up for a while. */
      readonly unchecked: readonly FoundContainer[];
    }
  | { readonly kind: 'waiting'; readonly because: string; readonly container: FoundContainer | null }
  | { readonly kind: 'restarting'; readonly container: FoundContainer }
  | { readonly kind: 'ended'; readonly container: FoundContainer }
  | { readonly kind: 'unhealthy'; readonly container: FoundContainer };

/** Judges the containers of one project. `ends` names compose services that are meant to end well. */
export function judge(
  containers: readonly FoundContainer[],
  expected: readonly string[],
  ends: ReadonlySet<string>,
): Verdict {
  const own = containers.filter(({ service }) => service !== null && expected.includes(service));
  const finished = (found: FoundContainer) =>
    found.service !== null && ends.has(found.service) && endedWell(found);
  const ended = own.find((found) => ['exited', 'dead'].includes(found.state) && !finished(found));
  if (ended !== undefined) return { kind: 'ended', container: ended };
  const unhealthy = own.find((found) => found.state === 'running' && healthOf(found) === 'unhealthy');
  if (unhealthy !== undefined) return { kind: 'unhealthy', container: unhealthy };
  const restarting = own.find(({ state }) => state === 'restarting');
  if (restarting !== undefined) return { kind: 'restarting', container: restarting };
  const missing = expected.find((name) => !own.some(({ service }) => service === name));
  if (missing !== undefined)
    return { kind: 'waiting', because: `${missing} has no container`, container: null };
  const other = own.find((found) => found.state !== 'running' && !finished(found));
  if (other !== undefined)
    return { kind: 'waiting', because: `${other.name} is ${other.state}`, container: other };
  const starting = own.find((found) => healthOf(found) === 'starting');
  if (starting !== undefined)
    return { kind: 'waiting', because: `${starting.name} is not healthy yet`, container: starting };
  const unchecked = own.filter((found) => found.state === 'running' && healthOf(found) === 'none');
  return { kind: 'up', unchecked };
}

/** Docker tells health in its words: `Up 3 seconds (healthy)`. */
export function healthOf({
  status,
}: Pick<FoundContainer, 'status'>): 'none' | 'starting' | 'healthy' | 'unhealthy' {
  if (/\(healthy\)/.test(status)) return 'healthy';
  if (/\(unhealthy\)/.test(status)) return 'unhealthy';
  return /\(health: starting\)/.test(status) ? 'starting' : 'none';
}

/** Compose services others wait for until they have ended well, as Compose notes it on the containers. */
export function awaitedEnds(containers: readonly FoundContainer[]): readonly string[] {
  return containers.flatMap(({ labels }) =>
    (labels['com.docker.compose.depends_on'] ?? '').split(',').flatMap((entry) => {
      const [name, condition] = entry.split(':');
      return name !== undefined && condition === 'service_completed_successfully' ? [name] : [];
    }),
  );
}
