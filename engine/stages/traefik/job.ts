import { sha256 } from '../../digest.ts';
import type { EnsureContext, RemoteHost } from '../../ports.ts';
import type { Problem } from '../../problems.ts';
import type { StepOf } from '../../types.ts';
import { keptDirectory, readHostFiles } from '../host-files/index.ts';
import { wishOf } from './decide.ts';

/** One step with the texts it needs. */
export interface Job {
  readonly step: StepOf<'traefik'>;
  readonly path: string;
  /** The file as it is; null: not there. */
  readonly now: string | null;
  /** The file as it has to be. */
  readonly want: string | null;
  /** Whether we made that text now, rather than putting back what was there. */
  readonly generated: boolean;
}
export type Prepared =
  | { readonly kind: 'write'; readonly job: Job }
  | { readonly kind: 'there'; readonly job: Job }
  | { readonly kind: 'failed'; readonly step: StepOf<'traefik'>; readonly problem: Problem };

/** Reads what is there and finds the text each step wants, in one round trip. */
export async function prepare(
  steps: readonly StepOf<'traefik'>[],
  { host, context }: { readonly host: RemoteHost; readonly context: EnsureContext },
  signal: AbortSignal,
): Promise<readonly Prepared[]> {
  const generated = generatedTexts(context);
  const kept = (hash: string): string => `${keptDirectory(host.entry)}/${hash}`;
  const hashes = steps.flatMap(({ after }) =>
    after === null || generated.has(after.content) ? [] : [after.content],
  );
  const texts = await readHostFiles(host, { files: [...steps.map(pathOfStep), ...hashes.map(kept)] }, signal);
  return steps.map((step): Prepared => {
    const { before, after } = step;
    const path = pathOfStep(step);
    const now = texts.get(path) ?? null;
    const isAs = (content: string | null): boolean => (now === null ? null : sha256(now)) === content;
    const ours = after === null ? null : generated.get(after.content);
    if (isAs(after?.content ?? null))
      return { kind: 'there', job: { step, path, now, want: now, generated: ours !== undefined } };
    if (!isAs(before?.content ?? null)) return { kind: 'failed', step, problem: movedProblem(path, host) };
    const want = ours ?? (after === null ? null : texts.get(kept(after.content)));
    if (want === undefined) return { kind: 'failed', step, problem: goneProblem(path, host) };
    return { kind: 'write', job: { step, path, now, want, generated: ours !== undefined } };
  });
}

export function pathOfStep({ before, after }: StepOf<'traefik'>): string {
  const path = (after ?? before)?.path;
  if (path === undefined) throw new Error('a step of a route names no file');
  return path;
}

/** Hash → text of every file the definitions of this deployment ask for. */
function generatedTexts({ scope }: EnsureContext): ReadonlyMap<string, string> {
  const { traefik: system, authentik } = scope.inventory.systems;
  if (system === null) return new Map();
  return new Map(
    scope.services.flatMap((scoped) => {
      const wish = wishOf(scoped, { system, authentik });
      return wish.kind === 'file' ? [[wish.file.state.content, wish.file.text]] : [];
    }),
  );
}

export function movedProblem(path: string, { entry }: RemoteHost): Problem {
  return {
    code: 'conflict',
    message: `${path} on ${entry.name} changed after it was looked at, so it was left alone.`,
    where: entry.name,
    hint: 'Look at the file, then plan again.',
  };
}

function goneProblem(path: string, { entry }: RemoteHost): Problem {
  return {
    code: 'conflict',
    message: `What has to be in ${path} on ${entry.name} is no longer kept there, so the file was left alone.`,
    where: entry.name,
    hint: 'Deploy the service again: its route is written anew.',
  };
}
