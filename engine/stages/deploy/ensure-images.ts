import pLimit from 'p-limit';
import type { RemoteHost, Secrets } from '../../ports.ts';
import { type Problem, ProblemError, toProblem } from '../../problems.ts';
import { failureOf } from './classify.ts';
import type { LocalImage } from './found.ts';
import { inspectImage, splitReference } from './observe-images.ts';

export interface WantedImage {
  readonly reference: string;
  readonly digest: string | null;
  /** The local id a release remembers. */
  readonly id: string | null;
}
export type ImageResult =
  | { readonly ok: true; readonly image: LocalImage; readonly did: string | null }
  | { readonly ok: false; readonly problem: Problem };

const pullsAtOnce = 3;
const pullTimeoutMs = 30 * 60_000;

export const imageKey = ({ reference, digest, id }: WantedImage): string =>
  `${reference} ${digest ?? ''} ${id ?? ''}`;

/** Makes every distinct image obtainable on the host mean what it should, each pulled at most once. Stops nothing. */
export async function ensureImages(
  host: RemoteHost,
  wanted: readonly WantedImage[],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ImageResult>> {
  const distinct = new Map(wanted.map((image) => [imageKey(image), image]));
  const limit = pLimit(pullsAtOnce);
  const results = [...distinct].map(async ([key, image]): Promise<[string, ImageResult]> => [
    key,
    await limit(() =>
      ensureImage(host, image, secrets, signal).catch(
        (error: unknown) => ({ ok: false, problem: toProblem(error) }) as const,
      ),
    ),
  ]);
  return new Map(await Promise.all(results));
}

async function ensureImage(
  host: RemoteHost,
  wanted: WantedImage,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<ImageResult> {
  const { reference, digest, id } = wanted;
  const local = await inspectImage(host, reference, signal);
  if (local !== null && isWanted(local, wanted)) return { ok: true, image: local, did: null };
  const known = id === null ? null : await inspectImage(host, id, signal);
  if (known !== null) {
    await tagImage(host, known.id, reference, signal);
    return { ok: true, image: known, did: `${reference} means ${known.id.slice(0, 19)} again` };
  }
  const { repository } = splitReference(reference);
  const pinned = digest === null ? null : `${repository}@${digest}`;
  if (id === null) {
    await pull(host, reference, secrets, signal);
    const pulled = await inspectImage(host, reference, signal);
    if (pulled !== null && isWanted(pulled, wanted))
      return { ok: true, image: pulled, did: `pulled ${reference}` };
  }
  if (pinned === null) {
    // A record without a digest cannot be told from another image, so it is not replaced by whatever has the name now.
    throw new ProblemError({
      code: 'image-not-found',
      message: `${host.entry.name} no longer has ${reference} as it was, and its digest is not on record.`,
      where: host.entry.name,
    });
  }
  // The tag moved since: take exactly what was agreed to.
  await pull(host, pinned, secrets, signal);
  await tagImage(host, pinned, reference, signal);
  const image = await inspectImage(host, reference, signal);
  return image === null
    ? {
        ok: false,
        problem: {
          code: 'image-not-found',
          message: `${host.entry.name} has no ${reference} after pulling it.`,
          where: host.entry.name,
        },
      }
    : { ok: true, image, did: `pulled ${reference} (${digest?.slice(0, 19) ?? ''})` };
}

function isWanted(local: LocalImage, { digest, id }: WantedImage): boolean {
  if (id !== null) return local.id === id;
  return digest === null || local.digests.includes(digest);
}

async function pull(
  host: RemoteHost,
  reference: string,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<void> {
  // The command line, not the API: it knows the host's own login to private registries.
  const result = await host.run(
    { script: '"$1" pull -q "$2"', args: [host.entry.docker.command, reference], timeoutMs: pullTimeoutMs },
    signal,
  );
  if (result.exitCode === 0) return;
  const what = { host: host.entry.name, command: `docker pull ${reference}` };
  throw new ProblemError(failureOf(what, result, (text) => secrets.redact(text)));
}

async function tagImage(
  host: RemoteHost,
  source: string,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const { repository, tag } = splitReference(reference);
  if (tag === null) return; // a pinned reference has no tag that could have moved
  const query = new URLSearchParams({ repo: repository, tag });
  const path = `/images/${encodeURI(source)}/tag?${query.toString()}`;
  const { status, body } = await host.docker({ method: 'POST', path }, signal);
  if (status !== 201)
    throw new ProblemError({
      code: 'command-failed',
      message: `${host.entry.name} could not name ${source} ${reference} again.`,
      where: host.entry.name,
      evidence: [{ title: 'Docker Engine', text: body.toString('utf8').slice(0, 500) }],
    });
}
