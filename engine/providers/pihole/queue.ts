import pLimit, { type LimitFunction } from 'p-limit';

/** Server → its queue; for the whole process, whoever made the adapter. */
const queues = new Map<string, LimitFunction>();

/** One after the other for each server: a Pi-hole loses changes that come at the same time, and may crash over them. */
export function alone<T>(server: string, task: () => Promise<T>): Promise<T> {
  const queue = queues.get(server) ?? pLimit(1);
  queues.set(server, queue);
  return queue(task);
}
