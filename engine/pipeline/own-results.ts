import type { EngineContext } from '../context.ts';
import { oneLine } from '../notify/one-line.ts';
import { toProblem } from '../problems.ts';
import type { Secrets } from '../ports.ts';
import { callSignal } from './calls.ts';
import type { Following } from './following.ts';
import type { Results } from './results.ts';

const longestWords = 500;

/**
 * What jobs say, kept to what they can know of: the services of the plan and of its fleet. Anybody who can push may
 * have written it, so its words get as much room as a line has, and no secret.
 */
export async function ownResults(
  { ports }: EngineContext,
  following: Following,
  { commit, results }: { readonly commit: string; readonly results: Results },
): Promise<Results> {
  const said = Object.entries(results.services);
  const planned = new Set(following.record.plan.services.map(({ name }) => name));
  const known = said.every(([name]) => planned.has(name))
    ? planned
    : new Set([...planned, ...(await fleetAt(following, commit))]);
  return {
    ...results,
    services: Object.fromEntries(said.filter(([name]) => known.has(name))),
    problem: results.problem === null ? null : inShort(results.problem, ports.secrets),
  };
}

async function fleetAt({ source, record, detached, log }: Following, commit: string): Promise<Set<string>> {
  try {
    const tree = await source.repository.tree(commit, callSignal({ detached }));
    return new Set(source.load(tree, record.plan.environment).fleet.services.map(({ name }) => name));
  } catch (error) {
    log.warn({ commit, problem: toProblem(error) }, 'which services a commit defines cannot be read');
    return new Set();
  }
}

/** Secrets first: a part of one would no longer be known for it. */
function inShort(
  { message, hint }: NonNullable<Results['problem']>,
  { redact }: Pick<Secrets, 'redact'>,
): NonNullable<Results['problem']> {
  const short = (text: string): string => oneLine(redact(text), longestWords);
  return { message: short(message), ...(hint === undefined ? {} : { hint: short(hint) }) };
}
