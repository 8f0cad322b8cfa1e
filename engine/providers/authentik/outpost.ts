import { ProblemError } from '../../problems.ts';
import type { Clock } from '../../ports.ts';
import type { Api } from './api.ts';
import { paths, readOutposts } from './read.ts';
import { type Outpost, parseOutpost } from './shapes.ts';

export interface OutpostEntry {
  readonly outpost: string;
  readonly provider: number;
  /** Whether the outpost has to serve it. */
  readonly served: boolean;
  /** Told before the first write. */
  readonly willWrite?: () => void;
}
export interface Settling {
  readonly clock: Clock;
  /** How long another Sentinel may take between reading the list and writing it. */
  readonly settleMs: number;
}

/** How often an entry that somebody else's write took away again is put back. */
const rounds = 5;

/**
 * Puts a provider on an outpost's list, or takes it off. The API replaces the whole list and has no version to compare:
 * within this process one write follows the other, each reads the list just before, and each looks again after another
 * writer would have finished. Answers whether something was written.
 */
export async function setServed(
  api: Api,
  entry: OutpostEntry,
  { clock, settleMs }: Settling,
  signal: AbortSignal,
): Promise<boolean> {
  for (let round = 0; round < rounds; round += 1) {
    const tell = round === 0 ? entry.willWrite : undefined;
    const wrote = await alone(api.origin, () => writeOnce(api, entry, tell));
    if (!wrote) return round > 0;
    await clock.wait(settleMs, signal);
  }
  throw new ProblemError({
    code: 'system-busy',
    message: `Something else keeps writing the list of the outpost ${entry.outpost} on ${api.system}.`,
    where: api.origin,
    hint: 'Find out who else changes this outpost (Terraform, a blueprint, another Sentinel), then deploy again.',
  });
}

async function writeOnce(
  api: Api,
  { outpost: name, provider, served }: OutpostEntry,
  willWrite: () => void = () => undefined,
): Promise<boolean> {
  const outpost = await byName(api, name);
  if (outpost.providers.includes(provider) === served) return false;
  const providers = served
    ? [...outpost.providers, provider]
    : outpost.providers.filter((pk) => pk !== provider);
  willWrite();
  await api.write(
    { path: `${paths.outposts}${outpost.pk}/`, what: `change the list of the outpost ${name}` },
    // The server only checks that the providers fit when the type is in the same request. `config` is replaced as a
    // whole when it is sent, so it never is.
    { method: 'PATCH', json: { type: outpost.type, providers } },
  );
  return true;
}

async function byName(api: Api, name: string): Promise<Outpost> {
  const rows = await api.all(
    { path: paths.outposts, what: `read the outpost ${name}` },
    { name__iexact: name },
  );
  const found = rows.map((row) => parseOutpost(api, row)).find((each) => each.name === name);
  if (found !== undefined) return found;
  const known = (await readOutposts(api)).map((each) => `“${each.name}”`).join(', ');
  throw new ProblemError({
    code: 'system-rejected',
    message: `${api.system} has no outpost “${name}” any more${known === '' ? '' : `; it has ${known}`}.`,
    where: api.origin,
    hint: 'Name one it has as `systems.authentik.outpost` in sentinel.yml.',
  });
}

const queues = new Map<string, Promise<unknown>>();

/** One piece of work after the other for each server, whoever in this process asks. */
async function alone<T>(server: string, work: () => Promise<T>): Promise<T> {
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
