/** What has reached the outpost: everything, or what was there some time ago. */
export interface Propagation<T> {
  now(): T;
  /** Something changed; it arrives a little later. */
  changed(): void;
  stop(): void;
}

export function createPropagation<T>(look: () => T, delayMs: number): Propagation<T> {
  const timers = new Set<NodeJS.Timeout>();
  let arrived = look();
  return {
    now: () => (delayMs === 0 ? look() : arrived),
    changed() {
      const timer = setTimeout(() => {
        timers.delete(timer);
        arrived = look();
      }, delayMs);
      timers.add(timer);
    },
    stop: () => timers.forEach((timer) => clearTimeout(timer)),
  };
}
