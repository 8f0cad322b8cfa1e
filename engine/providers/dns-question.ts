import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { canonicalAddress } from '../dns-names.ts';
import { ProblemError } from '../problems.ts';

export interface DnsServer {
  /** Better an address than a name: who asks for its name may ask the very server that is in doubt. */
  readonly address: string;
  readonly port: number;
}

/** One lost packet is made good; a server that is gone is known as gone within seconds. */
const patience = { timeout: 1000, tries: 2 };

/**
 * Asks one DNS server itself for every address of a name: no cache, no other server, no search domain.
 * Sorted; empty when the server does not know the name.
 */
export async function askDns(
  server: DnsServer,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const address = await addressOf(server);
  signal.throwIfAborted();
  // One of its own for each question, as what it was answered before must not count.
  const resolver = new Resolver(patience);
  resolver.setServers([locationOf({ ...server, address })]);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.all([
      answerOf(() => resolver.resolve4(name)),
      answerOf(() => resolver.resolve6(name)),
    ]);
    signal.throwIfAborted();
    const known = answers.filter((answer) => answer !== null);
    // What a server does not know itself it asks others, who may be away: that says nothing about its own records.
    if (known.length === 0)
      throw unreachable(
        server,
        `The DNS server ${locationOf(server)} did not answer when asked for ${name}.`,
      );
    return [...new Set(known.flat())].sort();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function addressOf(server: DnsServer): Promise<string> {
  if (isIP(server.address) !== 0) return server.address;
  try {
    return (await lookup(server.address)).address;
  } catch {
    throw unreachable(server, `The name of the DNS server, ${server.address}, does not resolve.`);
  }
}

/** Where it is asked, for people: `192.168.90.53:53`. */
export function locationOf({ address, port }: DnsServer): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** A server whose upstream is away refuses or fails for what it does not know itself: it has no such name. */
const unknown = ['ENOTFOUND', 'ENODATA', 'EREFUSED', 'ESERVFAIL'];

/** Null when nobody answered. */
async function answerOf(question: () => Promise<readonly string[]>): Promise<readonly string[] | null> {
  try {
    return (await question()).map((address) => canonicalAddress(address) ?? address);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    return typeof code === 'string' && unknown.includes(code) ? [] : null;
  }
}

function unreachable(server: DnsServer, message: string): ProblemError {
  return new ProblemError({
    code: 'system-unreachable',
    message,
    where: locationOf(server),
    hint: 'Check that it runs, and that `server` in sentinel.yml is where it answers DNS.',
  });
}
