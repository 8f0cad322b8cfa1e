import type { EngineContext } from './context.ts';
import { toProblem, type Problem } from './problems.ts';
import type { HostLocks } from './stages/deploy/index.ts';
import type { Proposal } from './types.ts';

/** A lock nobody has touched for this long belongs to a process that is gone. */
const STALE_SECONDS = 60;
const BEAT_MS = 15_000;

/** Every lock of one deployment, kept alive from the moment it is taken until `release`. */
export interface Guard {
  /** Aborts when the locks went to somebody else, as after a long pause of this machine. */
  readonly lost: AbortSignal;
  /** Adds the locks on the hosts. */
  hold(locks: HostLocks): void;
  /** Frees everything. Never throws: a lock left behind goes stale by itself. */
  release(): Promise<void>;
}

/** Takes the locks of a proposal's services in the store, all or none, or says who holds them. */
export function takeGuard(context: EngineContext, proposal: Proposal, deployment: string): Guard | Problem {
  const { id, plan, requestedBy } = proposal;
  const keys = plan.services.map(({ name }) => `service:${plan.environment}/${name}`);
  const holder = { id: deployment, who: requestedBy.name, reason: id };
  const result = context.store.locks.acquire(keys, holder, STALE_SECONDS);
  return result.held ? createGuard(context, deployment) : heldBy(result, id);
}

function createGuard({ store, log }: EngineContext, deployment: string): Guard {
  const lost = new AbortController();
  const onHosts: HostLocks[] = [];
  const timer = setInterval(() => {
    try {
      if (!store.locks.beat(deployment)) lost.abort();
    } catch (error) {
      log.warn({ deployment, problem: toProblem(error) }, 'lock heartbeat failed');
    }
  }, BEAT_MS);
  timer.unref();
  return {
    lost: lost.signal,
    hold(locks) {
      onHosts.push(locks);
      locks.lost.addEventListener('abort', () => lost.abort());
    },
    async release() {
      clearInterval(timer);
      await Promise.all(onHosts.map((locks) => locks.release()));
      try {
        store.locks.release(deployment);
      } catch (error) {
        log.warn({ deployment, problem: toProblem(error) }, 'lock could not be freed and will go stale');
      }
    },
  };
}

function heldBy(
  {
    key,
    by,
  }: {
    readonly key: string;
    readonly by: { readonly who: string; readonly reason: string; readonly since: string };
  },
  id: string,
): Problem {
  if (by.reason === id)
    return { code: 'already-decided', message: `Somebody was faster: ${id} is already being started.` };
  const service = key.slice(key.indexOf('/') + 1);
  return {
    code: 'locked',
    message: `${service} is being changed right now: ${by.reason}, asked for by ${by.who} at ${by.since}.`,
    hint: 'Wait until that deployment has finished, or abort it, then try again.',
  };
}
