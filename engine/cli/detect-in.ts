import type { DefinitionPlace } from '../definitions/definition-paths.ts';
import type { Checkout } from '../providers/git/checkout.ts';
import { detect, type Detection } from '../stages/detect.ts';
import type { CommitRange } from './commit-range.ts';
import type { CliPorts } from './ports.ts';

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
