import type { Command } from 'commander';
import { ProblemError } from '../problems.ts';
import { filled } from './repository-options.ts';
import type { Checkout } from '../providers/git/checkout.ts';

export interface RangeOptions {
  readonly base?: string;
  readonly head?: string;
  readonly full?: boolean;
}
/** Which commits detect compares. */
export interface CommitRange {
  readonly base: string | undefined;
  readonly head: string;
  /** Why everything is looked at, where it is. */
  readonly full: string | null;
}

export function withRangeOptions(command: Command): Command {
  return command
    .option(
      '--base <commit>',
      'commit to compare with (default: $CI_COMMIT_BEFORE_SHA; without it, every service)',
    )
    .option('--head <commit>', 'commit to look at (default: $CI_COMMIT_SHA, or HEAD)')
    .option('--full', 'look at every service, whatever changed');
}

/** What was asked for, else what the CI job says: a push and a merge request are incremental, everything else is full. */
export function chooseRange(
  { base, head, full = false }: RangeOptions,
  env: Readonly<Record<string, string | undefined>>,
): { readonly base: string | undefined; readonly head: string | undefined; readonly full: string | null } {
  const source = env['CI_PIPELINE_SOURCE'];
  const mergeBase = source === 'merge_request_event' ? env['CI_MERGE_REQUEST_DIFF_BASE_SHA'] : undefined;
  const before = base ?? filled(mergeBase) ?? filled(env['CI_COMMIT_BEFORE_SHA']);
  const incremental =
    base !== undefined || source === undefined || ['push', 'merge_request_event'].includes(source);
  const reason = full
    ? 'it was asked for with --full'
    : incremental
      ? null
      : `the pipeline was started by “${source}”, not by a push`;
  return { base: before, head: head ?? filled(env['CI_COMMIT_SHA']), full: reason };
}

/** Names become commits; a base that is gone stays as it is, because detect knows what that means. */
export async function resolveRange(
  checkout: Checkout,
  chosen: ReturnType<typeof chooseRange>,
  signal: AbortSignal,
): Promise<CommitRange> {
  const head = await commitOf(checkout, chosen.head, signal);
  const { base, full } = chosen;
  if (base === undefined || /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(base)) return { base, head, full };
  return { base: await commitOf(checkout, base, signal), head, full };
}

async function commitOf(checkout: Checkout, name: string | undefined, signal: AbortSignal): Promise<string> {
  const found = await checkout.resolve(name, signal);
  if (found.ok) return found.value;
  throw new ProblemError(
    found.problems[0] ?? { code: 'revision-unknown', message: 'There is no such commit.' },
  );
}
