import { canonicalAddress, comparable } from '../../dns-names.ts';
import type { EnsureContext, StepResult } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import type { NameCheck } from '../../types.ts';

const patienceMs = 5_000;
const delayMs = 500;

/** Asks the DNS server itself until it answers exactly the wanted addresses, of the kinds that are wanted. */
export async function checkName(
  { name, addresses }: NameCheck,
  { scope, ports }: Pick<EnsureContext, 'scope' | 'ports'>,
  signal: AbortSignal,
): Promise<StepResult> {
  const { dns } = scope.inventory.systems;
  const failed = (problem: Problem): StepResult => ({ ok: false, problem, touched: false });
  if (dns === null) return failed(noServer(name));
  try {
    const server = ports.systems.dns(dns);
    const wanted = canonical(addresses);
    const start = ports.clock.now().getTime();
    for (;;) {
      const answered = await server.resolve(name, signal).then(canonical, asProblem);
      if (!('code' in answered) && comparable(answered, wanted).join() === wanted.join())
        return { ok: true, did: [`${name} resolves to ${wanted.join(', ')}`] };
      if (ports.clock.now().getTime() - start >= patienceMs)
        return failed('code' in answered ? answered : wrong(server.name, { name, wanted, answered }));
      await ports.clock.wait(delayMs, signal);
    }
  } catch (error) {
    return failed(toProblem(error));
  }
}

/** A server that is busy may answer the next time; whatever is no expected failure is none of ours to repeat. */
function asProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  throw error;
}

/** One way to write each address, in one order. */
function canonical(addresses: readonly string[]): readonly string[] {
  const written = addresses.map((address) => canonicalAddress(address) ?? address);
  return [...new Set(written)].toSorted();
}

function noServer(name: string): Problem {
  return {
    code: 'dns-wrong',
    message: `${name} could not be looked up: sentinel.yml names no DNS server.`,
    hint: 'Name it under `systems.dns`.',
  };
}

interface Answer {
  readonly name: string;
  readonly wanted: readonly string[];
  readonly answered: readonly string[];
}

function wrong(server: string, answer: Answer): Problem {
  const { name, wanted, answered } = answer;
  const said = answered.length === 0 ? 'does not know the name' : `answers ${answered.join(', ')}`;
  return {
    code: 'dns-wrong',
    message: `${server} ${said} for ${name}, expected ${wanted.join(', ')}.`,
    where: server,
    hint: hintOf(answer),
  };
}

function hintOf({ name, wanted, answered }: Answer): string {
  if (answered.length === 0)
    return `See whether its record is there and switched on, and whether a list of the server blocks ${name}.`;
  if (answered.some((address) => address === '0.0.0.0' || address === '::'))
    return `A block list of the server blocks ${name}: allow it there.`;
  const others = answered.filter((address) => !wanted.includes(address));
  return others.length === 0
    ? `Some addresses are missing: see which records of ${name} were removed.`
    : `Another record or a DHCP lease with this name gives ${others.join(', ')}: remove or rename it.`;
}
