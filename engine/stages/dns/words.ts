import type { DnsEntry } from '../../system-ports/dns.ts';
import type { RecordState, Risk, StepOf, WantedRecord } from '../../types.ts';

interface Sides {
  readonly before: RecordState | null;
  readonly after: RecordState | null;
  /** Whether we had a record of that name. */
  readonly known: boolean;
}

export function makeStep(service: string, system: string, { before, after, known }: Sides): StepOf<'dns'> {
  const target = (after ?? before)?.name ?? '';
  return {
    id: `dns ${service} ${target}`,
    stage: 'dns',
    service,
    system,
    target,
    cause: causeOf({ before, after, known }),
    changes: [{ what: `record ${target}`, before: addressesOf(before), after: addressesOf(after) }],
    before,
    after,
  };
}

/** It is as wanted, by somebody else's hand; the step changes nothing and makes it ours. */
export function noted(service: string, system: string, state: RecordState): StepOf<'dns'> {
  const step = makeStep(service, system, { before: state, after: state, known: true });
  return { ...step, cause: 'as wanted already, from now on for this service', changes: [] };
}

/** No record of ours would be heard. */
export function behindWildcard(
  service: string,
  provider: string,
  { wanted, hidden }: { readonly wanted: WantedRecord; readonly hidden: DnsEntry },
): Risk {
  return {
    code: 'conflict',
    service,
    message: `${provider} has “${hidden.name}” → ${hidden.address}, which answers for ${wanted.name} whatever else there is. It is left as it is: remove the wildcard there, or choose a name outside of it.`,
    alwaysApprove: false,
  };
}

function causeOf({ before, after, known }: Sides): string {
  if (after === null) return 'the name is no longer wanted';
  if (before === null) return known ? 'the record is gone' : 'no record';
  return `answers ${addressesOf(before) ?? 'nothing'}, want ${addressesOf(after) ?? 'nothing'}`;
}

function addressesOf(state: RecordState | null): string | null {
  return state === null ? null : state.addresses.join(', ');
}

/** Somebody else's record has the name; it is theirs to change. */
export function conflict(
  service: string,
  found: {
    readonly provider: string;
    readonly wanted: WantedRecord;
    readonly strangers: readonly DnsEntry[];
    readonly shared: readonly DnsEntry[];
  },
): Risk {
  const { provider, wanted, strangers, shared } = found;
  const texts = [...new Set([...strangers, ...shared].map(({ text }) => `“${text}”`))].join(', ');
  const why =
    strangers.length > 0 ? 'which Sentinel did not make' : 'which says something about other names too';
  return {
    code: 'conflict',
    service,
    message: `${provider} has ${texts} for ${wanted.name}, ${why}. It is left as it is, so ${wanted.name} will not lead to ${wanted.address}: remove it there, or choose another name.`,
    alwaysApprove: false,
  };
}

/** What was ours was changed by somebody, so it is theirs now. */
export function stillThere(service: string, provider: string, { name, entries }: RecordState): Risk {
  const texts = entries.map((text) => `“${text}”`).join(', ');
  return {
    code: 'conflict',
    service,
    message: `${name} is no longer wanted, but ${provider} has ${texts} for it, which is not as Sentinel left it. It is left as it is: remove it there if nobody needs it.`,
    alwaysApprove: false,
  };
}
