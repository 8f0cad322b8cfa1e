import pLimit from 'p-limit';
import type { RemoteHost } from '../../ports.ts';
import { ProblemError } from '../../problems.ts';
import { parseDistribution, parseImage, saysMissing } from './docker-answers.ts';
import type { LocalImage, RegistryAnswer } from './found.ts';

export interface ImageLookups {
  readonly images: Map<string, LocalImage>;
  readonly registry: Map<string, RegistryAnswer>;
}

/** Lookups at once on one host; sshd allows ten channels and others need some too. */
const parallel = 4;
const registryTimeoutMs = 10_000;

/** The host's own copy of an image, by reference or id; null when there is none. */
export async function inspectImage(
  host: RemoteHost,
  reference: string,
  signal: AbortSignal,
): Promise<LocalImage | null> {
  return parseImage(
    await host.docker({ method: 'GET', path: `/images/${encodeURI(reference)}/json` }, signal),
  );
}

/** Local copies of images, by reference or id, those the host has. */
export async function inspectImages(
  host: RemoteHost,
  references: Iterable<string>,
  signal: AbortSignal,
): Promise<Map<string, LocalImage>> {
  const limit = pLimit(parallel);
  const images = new Map<string, LocalImage>();
  const look = async (reference: string) => {
    const image = await inspectImage(host, reference, signal);
    if (image !== null) images.set(reference, image);
  };
  await Promise.all([...new Set(references)].map((reference) => limit(look, reference)));
  return images;
}

/** Local copies, and what the registries say about each distinct reference. */
export async function lookUpImages(
  host: RemoteHost,
  references: Iterable<string>,
  signal: AbortSignal,
): Promise<ImageLookups> {
  const limit = pLimit(parallel);
  const found: ImageLookups = { images: new Map(), registry: new Map() };
  const silent = new Map<string, RegistryAnswer>();
  const look = async (reference: string) => {
    const image = await inspectImage(host, reference, signal);
    if (image !== null) found.images.set(reference, image);
    const pinned = reference.split('@')[1];
    if (pinned !== undefined && image !== null) {
      found.registry.set(reference, { kind: 'digest', digest: pinned });
      return;
    }
    const registry = registryOf(reference);
    const answer = silent.get(registry) ?? (await askRegistry(host, reference, signal));
    if (answer.kind === 'silent') silent.set(registry, answer); // the others would wait as long
    found.registry.set(reference, answer);
  };
  await Promise.all([...new Set(references)].map((reference) => limit(look, reference)));
  return found;
}

/** What the registry says about a reference, asked by the host's Docker Engine. */
export async function askRegistry(
  host: RemoteHost,
  reference: string,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  try {
    const path = `/distribution/${encodeURI(reference)}/json`;
    const answer = parseDistribution(
      await host.docker({ method: 'GET', path, timeoutMs: registryTimeoutMs }, signal),
    );
    return answer.kind === 'silent' && asksForLogin(answer.message)
      ? await askWithLogin(host, reference, signal)
      : answer;
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'timed-out')
      return { kind: 'silent', message: 'it did not answer in time' };
    throw error;
  }
}

function asksForLogin(message: string): boolean {
  return /unauthorized|denied|authentication required|no basic auth/i.test(message);
}

/** The Engine API knows no login; the command line uses the one a person made on the host. */
async function askWithLogin(
  host: RemoteHost,
  reference: string,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const script = '"$1" manifest inspect "$2" >/dev/null';
  const args = [host.entry.docker.command, reference];
  const { exitCode, stderr } = await host.run({ script, args, timeoutMs: 2 * registryTimeoutMs }, signal);
  if (exitCode === 0) return { kind: 'private' };
  const message = stderr.trim();
  if (saysMissing(message) || asksForLogin(message))
    return { kind: 'missing', message: `${message} (or the host's docker login may not read it)` };
  return { kind: 'silent', message };
}

/** The registry part of a reference; `docker.io` when it names none. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** `registry/name:tag@digest` in parts; no tag and no digest mean `latest`. */
export function splitReference(reference: string): {
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
} {
  const [named = '', digest = null] = reference.split('@');
  const colon = named.lastIndexOf(':');
  if (colon > named.lastIndexOf('/'))
    return { repository: named.slice(0, colon), tag: named.slice(colon + 1), digest };
  return { repository: named, tag: digest === null ? 'latest' : null, digest };
}
