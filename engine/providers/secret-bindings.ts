import { ProblemError, type Problem } from '../problems.ts';

/** Base addresses by the name of the secret that may be sent there; compared by origin. */
export type SendTo = Readonly<Record<string, readonly string[]>>;

/** What may be sent where. Throws ProblemError `system-refused` for anything else. */
export interface SecretBindings {
  /** `shown` is what people read in place of an origin that is itself a secret. */
  check(name: string, origin: string, shown?: string): void;
  /** For a secret that is an address: it may lead only where it is bound to. Never tells what it holds. */
  checkAddress(name: string, value: string): void;
}

/** Only what is listed may be sent. Without a list everything may. */
export function createSecretBindings(sendTo: SendTo | null): SecretBindings {
  if (sendTo === null) return { check: () => undefined, checkAddress: () => undefined };
  const origins = new Map(
    Object.entries(sendTo).map(([name, urls]) => [name, new Set(urls.map((url) => new URL(url).origin))]),
  );
  const allows = (name: string, origin: string): boolean => origins.get(name)?.has(origin) ?? false;
  return {
    check(name, origin, shown = origin) {
      if (!allows(name, origin)) throw refused(`${name} may not be sent to ${shown}`);
    },
    checkAddress(name, value) {
      // What is no address at all is refused by whoever would ask there, in better words.
      const allowed = URL.canParse(value) ? allows(name, new URL(value).origin) : origins.has(name);
      if (!allowed) throw refused(`${name} may not be used as an address`);
    },
  };
}

function refused(what: string): ProblemError {
  const problem: Problem = {
    code: 'system-refused',
    message: `${what}: bot.yml does not allow it.`,
    where: 'bot.yml',
    hint: 'An administrator of the bot adds it under secrets.send_to in bot.yml.',
  };
  return new ProblemError(problem);
}
