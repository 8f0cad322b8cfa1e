import type { Clock } from '../../ports.ts';
import { type Problem, toProblem } from '../../problems.ts';
import type { ProxyReader } from '../../system-ports/index.ts';
import { type Differences, differences, type Expectation } from './expect.ts';

/** Traefik collects changes for two seconds and then reads quickly; what is not there by now does not come. */
const patienceMs = 10_000;
const pauseMs = 500;

export interface Awaited {
  /** One for each expectation, in order. */
  readonly expected: readonly Expectation[];
  readonly proxy: ProxyReader;
  readonly clock: Clock;
}
/** What is missing of each expectation, in order; or why the proxy could not be asked. */
export type Arrival =
  | { readonly ok: true; readonly missing: readonly Differences[] }
  | { readonly ok: false; readonly problem: Problem };

/** Asks the proxy until it has loaded everything, or does not any more. */
export async function awaitLoaded(
  { expected, proxy, clock }: Awaited,
  signal: AbortSignal,
): Promise<Arrival> {
  const deadline = clock.now().getTime() + patienceMs;
  for (;;) {
    const arrival = await look({ expected, proxy }, signal);
    const done =
      arrival.ok && arrival.missing.every(({ loaded, working }) => loaded.length + working.length === 0);
    if (done || clock.now().getTime() >= deadline) return arrival;
    if (!arrival.ok && arrival.problem.code !== 'system-unreachable') return arrival;
    await clock.wait(pauseMs, signal);
  }
}

async function look(
  { expected, proxy }: Pick<Awaited, 'expected' | 'proxy'>,
  signal: AbortSignal,
): Promise<Arrival> {
  try {
    const view = await proxy.read(signal);
    return { ok: true, missing: expected.map((one) => differences(one, view)) };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, problem: toProblem(error) };
  }
}
