import { ProblemError } from '../../problems.ts';
import type { Clock } from '../../ports.ts';
import { alone } from './alone.ts';
import type { Api } from './api.ts';
import { isMissingProvider, refusal } from './problems.ts';
import { paths } from './paths.ts';
import { readOutposts } from './read.ts';
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
 * writer would have finished. A list that names a provider somebody just deleted is refused, so it is read anew. Answers
 * whether something was written.
 */
export async function setServed(
  api: Api,
  entry: OutpostEntry,
  { clock, settleMs }: Settling,
  signal: AbortSignal,
): Promise<boolean> {
  let written = false;
  for (let round = 0; round < rounds; round += 1) {
    const tell = round === 0 ? entry.willWrite : undefined;
    const wrote = await alone(api.origin, () => writeOnce(api, entry, tell));
    if (wrote === 'nothing') return written;
    if (wrote === 'outdated') continue;
    written = true;
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
): Promise<'list' | 'nothing' | 'outdated'> {
  const outpost = await byName(api, name);
  if (outpost.providers.includes(provider) === served) return 'nothing';
  const providers = served
    ? [...outpost.providers, provider]
    : outpost.providers.filter((pk) => pk !== provider);
  willWrite();
  const call = { path: `${paths.outposts}${outpost.pk}/`, what: `change the list of the outpost ${name}` };
  const answer = await api.send(
    call,
    // The server only checks that the providers fit when the type is in the same request. `config` is replaced as a
    // whole when it is sent, so it never is.
    { method: 'PATCH', json: { type: outpost.type, providers } },
  );
  if (answer.status === 200) return 'list';
  if (isMissingProvider(answer)) return 'outdated';
  throw refusal({ system: api.system, origin: api.origin, what: call.what }, answer, api.secrets);
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
