import { isRecord, text } from '../json.ts';

/** A compose service as far as `extends` goes. */
interface Extending {
  readonly extends?: unknown;
}

/**
 * The services of one file that `name` is made of, the one it starts from first and itself last. Compose adds up lists
 * and lets the later one decide about everything else.
 */
export function lineage(services: Readonly<Record<string, Extending>>, name: string): readonly string[] {
  const names: string[] = [];
  let next: string | null = name;
  while (next !== null && !names.includes(next)) {
    names.unshift(next);
    next = baseOf(services[next]?.extends);
  }
  return names;
}

/** True when it starts from a service of another file, which nobody here looks at. */
export function startsElsewhere({ extends: from }: Extending): boolean {
  return isRecord(from) && typeof from['file'] === 'string';
}

function baseOf(from: unknown): string | null {
  if (typeof from === 'string') return from;
  return isRecord(from) && !startsElsewhere({ extends: from }) ? text(from['service']) : null;
}
