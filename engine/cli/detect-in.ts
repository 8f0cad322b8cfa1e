import type { DefinitionPlace } from '../definitions/definition-paths.ts';
import type { Checkout } from '../providers/git/checkout.ts';
import { detect, type Detection } from '../stages/detect.ts';
import type { CommitRange } from './commit-range.ts';
import type { CliPorts } from './ports.ts';

/** In CI, fetches the commit before where the job was cloned without it. Where it cannot be had, `detect` looks at everything and says why. */
export async function fetchBase(
  checkout: Checkout,
  { base, ports }: { readonly base: string | undefined; readonly ports: CliPorts },
  signal: AbortSignal,
): Promise<void> {
  // A person's clone is left as it is; a job's was made for this, often with the last commits only.
  if ((ports.env['CI'] ?? '') === '') return;
  if (base === undefined || /^0+$/.test(base) || (await checkout.has(base, signal))) return;
  await checkout.fetchCommit(base, signal);
}

/** Nothing before where there is no such commit, or not here. */
export async function pathsAround(
  checkout: Checkout,
  { base, head }: Pick<CommitRange, 'base' | 'head'>,
  signal: AbortSignal,
): Promise<{ readonly paths: readonly string[]; readonly before: readonly string[] }> {
  const there = base !== undefined && (await checkout.has(base, signal));
  return {
    paths: await checkout.paths(head, signal),
    before: there ? await checkout.paths(base, signal) : [],
  };
}

/** Compares commits; says on standard error when every service is looked at, and why. */
export async function detectIn(
  checkout: Checkout,
  { range, place }: { readonly range: CommitRange; readonly place: DefinitionPlace },
  { ports, signal }: { readonly ports: CliPorts; readonly signal: AbortSignal },
): Promise<Detection> {
  const detection = await detect(checkout, { ...range, place }, signal);
  if (detection.reason !== null) ports.err(`Every service is looked at: ${detection.reason}.\n`);
  if (detection.hint !== null) ports.err(`    ${detection.hint}\n`);
  return detection;
}
