import type { UpOptions } from '../compose/up.ts';
import { grace } from './compose-call.ts';
import type { Parsed } from './flags.ts';

/** What the flags of `up` and `create` ask for. */
export function upOptions(flags: Parsed): UpOptions {
  const pullWhen = flags.last('pull');
  return {
    services: flags.rest,
    removeOrphans: flags.has('remove-orphans'),
    forceRecreate: flags.has('force-recreate'),
    noRecreate: flags.has('no-recreate'),
    noDeps: flags.has('no-deps'),
    noStart: flags.has('no-start'),
    pull: pullWhen === 'always' || pullWhen === 'missing' || pullWhen === 'never' ? pullWhen : undefined,
    quietPull: flags.has('quiet-pull'),
    wait: flags.has('wait'),
    waitTimeoutMs: Number(flags.last('wait-timeout') ?? 0) * 1000,
    graceMs: grace(flags),
  };
}
