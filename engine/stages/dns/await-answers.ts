import { comparable } from '../../dns-names.ts';
import type { Clock } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { DnsProvider } from '../../system-ports/dns.ts';
import type { RecordState, StepOf } from '../../types.ts';

export interface Awaiting {
  readonly provider: DnsProvider;
  readonly clock: Clock;
}

const patienceMs = 5000;
const shortestPauseMs = 100;
/** Servers refuse who asks more than a thousand things a minute, and every name costs two questions. */
const pausePerNameMs = 25;

/** Asks the server itself until it answers as each step says. Tells what is wrong with the others, by step. */
export async function awaitAnswers(
  steps: readonly StepOf<'dns'>[],
  { provider, clock }: Awaiting,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Problem>> {
  const start = clock.now().getTime();
  for (let open = steps; ;) {
    const wrong = new Map<string, Problem>();
    for (const step of open) {
      const problem = await ask(step, provider, signal);
      if (problem !== null) wrong.set(step.id, problem);
    }
    open = open.filter(({ id }) => wrong.has(id));
    if (open.length === 0 || clock.now().getTime() - start >= patienceMs) return wrong;
    await clock.wait(Math.max(shortestPauseMs, open.length * pausePerNameMs), signal);
  }
}

async function ask(step: StepOf<'dns'>, provider: DnsProvider, signal: AbortSignal): Promise<Problem | null> {
  try {
    const answered = await provider.resolve(step.target, signal);
    return isRight(step, answered) ? null : wrongAnswer(step, provider.name, answered);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return toProblem(error);
  }
}

function isRight({ before, after }: StepOf<'dns'>, answered: readonly string[]): boolean {
  if (after === null) return !answered.some((address) => before?.addresses.includes(address));
  return sameAddresses(after, answered);
}

function sameAddresses({ addresses }: RecordState, answered: readonly string[]): boolean {
  const own = comparable(answered, addresses);
  return own.length === addresses.length && addresses.every((address) => own.includes(address));
}

function wrongAnswer({ target, after }: StepOf<'dns'>, name: string, answered: readonly string[]): Problem {
  const said = answered.length === 0 ? 'no address' : answered.join(', ');
  const strange = after === null ? [] : answered.filter((address) => !after.addresses.includes(address));
  const isMixed = strange.length > 0 && strange.length < answered.length;
  const wanted = after === null ? 'which was removed' : `not ${after.addresses.join(', ')}`;
  return {
    code: 'dns-wrong',
    message: `${name} answers ${said} for ${target}, ${wanted}.`,
    where: name,
    hint: isMixed
      ? `Find out where ${strange.join(', ')} comes from: the server may ask another one for what it does not know itself.`
      : 'Look at the log of the DNS server, and whether `server` in sentinel.yml is the one whose API is used.',
  };
}
