/** Time as the lab sees it. It runs with the real clock and can be moved forward, so that a test need not wait 15 minutes. */
export interface LabClock {
  now(): number;
  /** Runs `then` once `ms` have passed on this clock; returns what cancels it. */
  after(ms: number, then: () => void): () => void;
  /** Jumps forward; everything that falls due in between runs at once, in order. */
  advance(ms: number): void;
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

export function createClock(): LabClock {
  let offset = 0;
  const alarms = new Set<Alarm>();
  const now = () => Date.now() + offset;

  const after = (ms: number, then: () => void) => {
    const alarm: Alarm = {
      at: now() + ms,
      ring: () => {
        cancel();
        then();
      },
    };
    const timer = setTimeout(alarm.ring, ms).unref();
    const cancel = () => {
      clearTimeout(timer);
      alarms.delete(alarm);
    };
    alarms.add(alarm);
    return cancel;
  };

  const advance = (ms: number) => {
    offset += ms;
    const due = [...alarms].filter(({ at }) => at <= now()).sort((a, b) => a.at - b.at);
    for (const alarm of due) if (alarms.has(alarm)) alarm.ring();
  };

  return { now, after, advance };
}
