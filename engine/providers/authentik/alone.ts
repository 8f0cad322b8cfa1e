const queues = new Map<string, Promise<unknown>>();

/**
 * One piece of work after the other for each server, whoever in this process asks: what writes an outpost's list, or
 * takes away a provider such a list may name.
 */
export async function alone<T>(server: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(server) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.catch(() => undefined);
  queues.set(server, settled);
  try {
    return await mine;
  } finally {
    if (queues.get(server) === settled) queues.delete(server);
  }
}
