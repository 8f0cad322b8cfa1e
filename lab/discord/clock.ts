/** Time as the lab sees it. It runs with the real clock and can be moved forward, so that a test need not wait 15 minutes. */
export interface LabClock {
  readonly now: () => number;
  /** Runs `then` once `ms` have passed on this clock; returns what cancels it. */
  readonly after: (ms: number, then: () => void) => () => void;
  /** Jumps forward; everything that falls due in between runs at once, in order. */
  readonly advance: (ms: number) => void;
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
  timer: NodeJS.Timeout;
}

export function createClock(): LabClock {
  let offset = 0;
  const alarms = new Set<Alarm>();
  const now = () => Date.now() + offset;

  const drop = (alarm: Alarm) => {
    clearTimeout(alarm.timer);
    alarms.delete(alarm);
  };
  const after = (ms: number, then: () => void) => {
    const ring = () => {
      drop(alarm);
      then();
    };
    const alarm: Alarm = { at: now() + ms, ring, timer: setTimeout(ring, ms).unref() };
    alarms.add(alarm);
    return () => drop(alarm);
  };
  const advance = (ms: number) => {
    offset += ms;
    for (const alarm of [...alarms].sort((a, b) => a.at - b.at)) {
      clearTimeout(alarm.timer);
      if (alarm.at > now()) alarm.timer = setTimeout(alarm.ring, alarm.at - now()).unref();
      else if (alarms.has(alarm)) alarm.ring();
    }
  };

  return { now, after, advance };
}
