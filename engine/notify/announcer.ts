import type { Clock, Log, Secrets } from '../ports.ts';
import { toProblem } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import { announcementOf, wishesOf, type Ended } from './announcement.ts';
import { deliveriesOf } from './deliveries.ts';
import type { Delivery, Notifier } from './notifier.ts';

/** Tells the world outside the channel how deployments ended. It can neither change nor hold up any of them. */
export interface Announcer {
  /** Tells every sink for itself. Never rejects: what was not delivered is logged. */
  announce(ended: Ended): Promise<void>;
  /** Waits for what is still being told, up to `ms`; then gives up on it. */
  settle(ms: number): Promise<void>;
}

export interface AnnouncerParts {
  readonly notifier: Notifier;
  readonly secrets: Pick<Secrets, 'redact'>;
  readonly clock: Clock;
  readonly log: Log;
}

export function createAnnouncer({ notifier, secrets, clock, log }: AnnouncerParts): Announcer {
  const giveUp = new AbortController();
  const pending = new Set<Promise<void>>();

  return {
    announce(ended) {
      const told = tell(ended).catch((error: unknown) =>
        log.error({ deployment: ended.deployment, problem: toProblem(error) }, 'the end was not announced'),
      );
      pending.add(told);
      return told.finally(() => pending.delete(told));
    },
    async settle(ms) {
      if (pending.size === 0) return;
      const timer = new AbortController();
      const late = clock.wait(ms, timer.signal).catch(() => undefined);
      await Promise.race([Promise.all(pending), late]);
      timer.abort();
      giveUp.abort();
      await Promise.all(pending);
    },
  };

  async function tell(ended: Ended): Promise<void> {
    await Promise.resolve(); // the deployment has ended; whoever waits for that comes first
    const { deployment, scope } = ended;
    const { deliveries, withoutNtfy } = deliveriesOf({
      announcement: announcementOf(ended, secrets),
      targets: scope.inventory.systems.notify,
      wishes: wishesOf(scope),
    });
    if (withoutNtfy.length > 0)
      log.warn({ deployment, services: withoutNtfy }, 'told nobody on ntfy: sentinel.yml names no server');
    await Promise.all(deliveries.map((delivery) => deliver(deployment, delivery)));
  }

  async function deliver(deployment: string, delivery: Delivery): Promise<void> {
    const { sink } = delivery;
    try {
      await notifier.deliver(delivery, giveUp.signal);
      log.debug({ deployment, sink }, 'the end was announced');
    } catch (error) {
      const problem = redactProblem(toProblem(error), secrets);
      log.warn({ deployment, sink, problem }, 'the end could not be announced');
    }
  }
}
