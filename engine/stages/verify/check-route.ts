import type { EnsureContext, StepResult } from '../../ports.ts';
import { toProblem } from '../../problems.ts';
import type { RouteCheck } from '../../types.ts';
import { judgeVisit } from './judge-visit.ts';

/** Certificates and outposts need seconds before they know a new name. */
const patienceMs = 20_000;
const visitMs = 5_000;
const firstDelayMs = 250;
const longestDelayMs = 2_000;

/** Visits a route through the proxy until it answers as it should. */
export async function checkRoute(
  state: RouteCheck,
  { scope, ports }: Pick<EnsureContext, 'scope' | 'ports'>,
  signal: AbortSignal,
): Promise<StepResult> {
  const { probe, clock } = ports;
  const ca = scope.inventory.systems.traefik?.ca ?? null;
  const { url, address, port } = state;
  const start = clock.now().getTime();
  try {
    for (let delay = firstDelayMs; ; delay = Math.min(delay * 1.5, longestDelayMs)) {
      const visited = await probe.visit({ url, address, port, timeoutMs: visitMs, ca }, signal);
      const judged = judgeVisit({ state, visited, now: clock.now() });
      if (judged.ok) return judged;
      if (clock.now().getTime() - start >= patienceMs)
        return { ok: false, problem: { ...judged.problem, where: `${address}:${port}` }, touched: false };
      await clock.wait(delay, signal);
    }
  } catch (error) {
    return { ok: false, problem: toProblem(error), touched: false };
  }
}
