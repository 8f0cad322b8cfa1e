import { checkSecrets } from '../definitions/index.ts';
import type { Secrets } from '../ports.ts';
import { toProblem, type Problem } from '../problems.ts';
import type { Systems } from '../types.ts';
import { good, troubled, warning, type Finding } from './finding.ts';
import type { Place } from './places.ts';

/** What sentinel.yml and the definitions of a place say, and whether every secret they name is there and may go where it must. */
export function definitionFindings(
  { name, fleet, ports: { secrets } }: Place,
  problems: readonly Problem[],
): readonly Finding[] {
  const about = { area: 'configuration', subject: name } as const;
  const { services, inventory } = fleet;
  const hosts = Object.keys(inventory.hosts).length;
  const faults = problems.map((problem) => ({
    ...troubled(about, problem),
    ...(problem.where === undefined ? {} : { subject: problem.where }),
  }));
  const missing = checkSecrets(services, (secret) => secrets.has(secret)).map((problem) => ({
    ...troubled(about, problem),
    subject: problem.where ?? name,
  }));
  const sent = secretsOf(inventory.systems).flatMap((secret) => sendable(secret, secrets));
  const bad = [...faults, ...missing, ...sent];
  const read = `${counted(services.length, 'service')} on ${counted(hosts, 'host')}`;
  return [
    services.length === 0 && problems.length === 0
      ? warning(
          about,
          'is valid, but defines no service.',
          'Add one: `sentinel init service` asks and writes it.',
        )
      : good(about, `${read} can be read${faults.length === 0 ? ' and are valid' : ''}.`),
    ...(bad.length === 0
      ? [good(about, 'every secret it names is there and may go where it is used.')]
      : bad),
  ];
}

const counted = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;

interface SentSecret {
  readonly name: string;
  /** Null: it is itself an address. */
  readonly to: string | null;
}

function secretsOf({ dns, authentik, notify }: Systems): readonly SentSecret[] {
  const { ntfy, discord, webhook } = notify;
  return [
    ...(dns === null ? [] : [dns.password, dns.key, dns.secret].flatMap((name) => sent(name, dns.url))),
    ...(authentik === null ? [] : sent(authentik.token, authentik.url)),
    ...(ntfy === null ? [] : sent(ntfy.token, ntfy.url)),
    ...[discord?.webhook, webhook?.url].flatMap((name) => sent(name ?? null, null)),
  ];
}

function sent(name: string | null, to: string | null): readonly SentSecret[] {
  return name === null ? [] : [{ name, to }];
}

function sendable({ name, to }: SentSecret, secrets: Secrets): readonly Finding[] {
  try {
    if (to === null) secrets.resolveAddress(name);
    else secrets.resolveFor(name, new URL(to).origin);
    return [];
  } catch (error) {
    return [troubled({ area: 'configuration', subject: name }, toProblem(error))];
  }
}
