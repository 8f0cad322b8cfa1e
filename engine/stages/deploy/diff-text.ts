import { createTwoFilesPatch } from 'diff';
import type { Ports } from '../../ports.ts';
import type { StepOf } from '../../types.ts';
import type { HostObservation } from './found.ts';
import { readTexts } from './observe.ts';
import type { Service } from '../../types.ts';

/** One file of a step as it is and as it will be. */
export interface FilePair {
  readonly title: string;
  readonly before: FileSide;
  readonly after: FileSide;
}
/** `hidden`: not written by us, so it may hold secrets. */
export type FileSide =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'hidden' };

/** The files a step changes; which texts may be shown follows from who wrote them. */
export function filePairs(
  { before, after }: StepOf<'deploy'>,
  service: Service,
  observation: HostObservation,
): readonly FilePair[] {
  const path = after?.path ?? before?.path ?? service.installPath;
  const place = observation.places.get(path);
  const current = place?.releases.find(({ id }) => id === place.current);
  const target = after?.release ?? null;
  const files = [
    ...new Set([...Object.keys(before?.files ?? {}), ...Object.keys(after?.files ?? {})]),
  ].sort();
  return files.flatMap((file): readonly FilePair[] => {
    const was = before?.files[file];
    const will = after?.files[file];
    if (was === will) return [];
    const ours = was !== undefined && current?.files[file] === was;
    const live: FileSide =
      was === undefined
        ? { kind: 'none' }
        : ours
          ? { kind: 'file', path: `${path}/${file}` }
          : { kind: 'hidden' };
    return [
      {
        title: `${service.name}/${file}`,
        before: live,
        after: wantedSide(file, will, { service, path, target }),
      },
    ];
  });
}

function wantedSide(
  file: string,
  hash: string | undefined,
  {
    service,
    path,
    target,
  }: { readonly service: Service; readonly path: string; readonly target: string | null },
): FileSide {
  if (hash === undefined) return { kind: 'none' };
  if (target === null) return { kind: 'text', text: service.files[file] ?? '' };
  // A snapshot holds files somebody else wrote.
  return target.startsWith('found-')
    ? { kind: 'hidden' }
    : { kind: 'file', path: `${path}/.sentinel/releases/${target}/${file}` };
}

/** A unified diff for people; one more round trip, only when texts on the host are needed. */
export async function renderDiff(
  pairs: readonly FilePair[],
  { observation, ports }: { readonly observation: HostObservation; readonly ports: Ports },
  signal: AbortSignal,
): Promise<string> {
  const paths = pairs.flatMap(({ before, after }) =>
    [before, after].flatMap((side) => (side.kind === 'file' ? [side.path] : [])),
  );
  const texts = await readTexts(ports.host(observation.entry), paths, signal);
  const content = (side: FileSide) =>
    side.kind === 'text' ? side.text : side.kind === 'file' ? (texts.get(side.path) ?? '') : '';
  return pairs
    .map(({ title, before, after }) => {
      if (before.kind === 'hidden' || after.kind === 'hidden')
        return `--- ${title}\n+++ ${title}\n(written by hand on ${observation.entry.name}; not shown, as it may hold secrets)\n`;
      const from = before.kind === 'none' ? '/dev/null' : title;
      const to = after.kind === 'none' ? '/dev/null' : title;
      const patch = createTwoFilesPatch(from, to, content(before), content(after), undefined, undefined, {
        context: 3,
      });
      return ports.secrets.redact(patch.replace(/^=+\n/, ''));
    })
    .join('');
}
