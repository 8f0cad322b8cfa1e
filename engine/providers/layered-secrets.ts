import type { Clock, Log, Secrets } from '../ports.ts';
import { toProblem, type Problem } from '../problems.ts';
import type { FurtherSecrets, SecretsWithWarnings } from './secrets.ts';

/** Values somebody else keeps, as they are in one environment now. */
export interface KeptElsewhere {
  readonly values: Readonly<Record<string, string>>;
  /** Names that exist there, whose values are told to nobody. */
  readonly unreadable: readonly string[];
  /** Names that are a secret there, whatever their value looks like. */
  readonly masked: readonly string[];
}
export interface LayeredSecretsOptions {
  /** Files and variables of our own: they win. */
  readonly base: SecretsWithWarnings;
  /** What people call the place, in hints: “GitLab”. */
  readonly place: string;
  readonly read: (environment: string, signal: AbortSignal) => Promise<KeptElsewhere>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long one reading serves; default 5 s: a plan takes many values, a rotated one has to count at once. */
  readonly freshMs?: number;
}

/** What was read last in one environment. */
interface Known extends KeptElsewhere {
  readonly at: number;
}

const readTimeoutMs = 15_000;

export interface LayeredSecrets {
  /**
   * As they are now. What is answered stays as it is, so that a deployment runs with the values its plan was made with.
   * Never rejects for a place that is away: the last known values count then, and whoever asks for one that was never
   * known is told why it is missing.
   */
  readonly read: (environment: string, signal: AbortSignal) => Promise<Secrets>;
  /** As they were read last, at each use: for adapters that live longer than one deployment. */
  readonly lastRead: (environment: string) => Secrets;
}

/** The secrets of an environment: our own, then those kept elsewhere. */
export function createLayeredSecrets(options: LayeredSecretsOptions): LayeredSecrets {
  const { base, place, log, clock, freshMs = 5_000 } = options;
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<Problem | null>>();

  async function readNow(environment: string): Promise<Problem | null> {
    try {
      const at = clock.now().getTime();
      const { values, unreadable, masked } = await options.read(
        environment,
        AbortSignal.timeout(readTimeoutMs),
      );
      const secret = new Set(masked);
      for (const [name, value] of Object.entries(values))
        if (secret.has(name) || !isPlain(value)) base.keepOut(name, value);
      known.set(environment, { at, values: { ...values }, unreadable, masked });
      return null;
    } catch (error) {
      const problem = toProblem(error);
      log.warn(
        { environment, place, problem, lastKnown: known.has(environment) },
        'secrets could not be read',
      );
      return problem;
    } finally {
      reading.delete(environment);
    }
  }

  async function read(environment: string, signal: AbortSignal): Promise<Secrets> {
    signal.throwIfAborted();
    const last = known.get(environment);
    const isFresh = last !== undefined && clock.now().getTime() - last.at < freshMs;
    const pending = reading.get(environment) ?? (isFresh ? null : readNow(environment));
    if (pending !== null) reading.set(environment, pending);
    const problem = pending === null ? null : await pending;
    signal.throwIfAborted();
    return base.over(further(known.get(environment), { environment, place, problem }));
  }

  function lastRead(environment: string): Secrets {
    const now = (): FurtherSecrets => further(known.get(environment), { environment, place, problem: null });
    return base.over({ value: (name) => now().value(name), hint: (name) => now().hint(name) });
  }

  return { read, lastRead };
}

function further(
  known: Known | undefined,
  {
    environment,
    place,
    problem,
  }: { readonly environment: string; readonly place: string; readonly problem: Problem | null },
): FurtherSecrets {
  return {
    value: (name) =>
      known !== undefined && Object.hasOwn(known.values, name) ? known.values[name] : undefined,
    hint(name) {
      if (known?.unreadable.includes(name) === true)
        return `${place} has it as a hidden variable and tells its value to nobody: store it there as a masked one.`;
      const add = `Add it to ${place} for the environment ${environment}.`;
      return problem === null ? add : `${place} could not be asked for it: ${problem.message} ${add}`;
    },
  };
}

/**
 * Words, numbers and addresses would hit ordinary text everywhere, and most variables of a project are no secrets. One
 * that is used as a secret is kept out of texts all the same, from then on.
 */
function isPlain(value: string): boolean {
  return /^(?:[A-Za-z][A-Za-z._/-]*|[\d.:/]+|)$/.test(value);
}
