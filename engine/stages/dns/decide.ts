import { canonicalAddress, canonicalName } from '../../dns-names.ts';
import type { Owned, ScopedService, Survey } from '../../ports.ts';
import type { DnsEntry, DnsProvider } from '../../system-ports/dns.ts';
import type { RecordState, Risk, StepOf, WantedRecord } from '../../types.ts';
import { behindWildcard, conflict, makeStep, noted, stillThere } from './words.ts';

/** What was found on the server, once for everybody. */
export interface FoundRecords {
  readonly provider: Pick<DnsProvider, 'name' | 'entryFor'>;
  readonly entries: readonly DnsEntry[];
  /** Names other services want. */
  readonly claimed?: ReadonlySet<string>;
  /** What deployments of other services left. */
  readonly elsewhere?: ReturnType<typeof recordsIn>;
}
type Finding = { readonly step: StepOf<'dns'> } | { readonly risk: Risk } | { readonly proof: string } | null;

/** What every service of a scope needs to have done to its records. Pure. */
export function decideRecords(
  services: readonly ScopedService[],
  found: FoundRecords,
): Omit<Survey<'dns'>, 'diff' | 'problems'> {
  const wanted = new Map(services.flatMap((scoped) => pairOf(wantedOf(scoped), scoped.name)));
  const held = heldBy(services);
  // What another service left and nobody else wants any more may go to one of these.
  const freed = (found.elsewhere ?? []).filter(({ after }) => found.claimed?.has(after.name) !== true);
  const ours: Ours = {
    held: new Map([...byName(freed), ...held]),
    own: held,
    services: new Set(services.map(({ name }) => name)),
  };
  const steps: StepOf<'dns'>[] = [];
  const risks: Risk[] = [];
  const proofs: Record<string, readonly string[]> = {};
  for (const scoped of services) {
    const findings = [
      decideWanted(scoped, ours, found),
      // A name that went from one service to another is moved there, not taken away here.
      ...namesOf(scoped, found)
        .filter((name) => !wanted.has(name) && found.claimed?.has(name) !== true)
        .map((name) => decideUnwanted({ scoped, name }, held, found)),
    ];
    for (const finding of findings) {
      if (finding === null) continue;
      if ('step' in finding) steps.push(finding.step);
      else if ('risk' in finding) risks.push(finding.risk);
      else proofs[scoped.name] = [...(proofs[scoped.name] ?? []), finding.proof];
    }
  }
  return { steps, risks, proofs };
}

/** The record a service shall have, in the one form everything is compared in. */
export function wantedOf(scoped: ScopedService): WantedRecord | null {
  const { record } = scoped.service;
  if (scoped.want === 'absent' || record === null) return null;
  return {
    name: canonicalName(record.name),
    address: canonicalAddress(record.address) ?? record.address,
  };
}

function pairOf(record: WantedRecord | null, service: string): readonly (readonly [string, string])[] {
  return record === null ? [] : [[record.name, service]];
}

/** What earlier deployments left, by name, whichever of these services they were for. */
type Held = ReadonlyMap<string, { readonly system: string; readonly left: RecordState }>;

function heldBy(services: readonly ScopedService[]): Held {
  return new Map(byName(services.flatMap(({ owned }) => recordsIn(owned))));
}

function byName(records: ReturnType<typeof recordsIn>) {
  return records.map(({ system, after }) => [after.name, { system, left: after }] as const);
}

export function recordsIn(owned: Owned): readonly { readonly system: string; readonly after: RecordState }[] {
  return owned.flatMap((step) =>
    step.stage === 'dns' && step.after !== null ? [{ system: step.system, after: step.after }] : [],
  );
}

/** Names a service has something on, as far as the server's marks and our own records tell. */
function namesOf({ name, owned }: ScopedService, { entries }: FoundRecords): readonly string[] {
  const marked = entries.filter(({ service }) => service === name);
  return [
    ...new Set([...recordsIn(owned).map(({ after }) => after.name), ...marked.map((entry) => entry.name)]),
  ];
}

function decideWanted(scoped: ScopedService, ours: Ours, found: FoundRecords): Finding {
  const wanted = wantedOf(scoped);
  if (wanted === null) return null;
  const { name, address } = wanted;
  const { provider, entries } = found;
  const here = entries.filter((entry) => entry.name === name);
  const right = here.filter((entry) => entry.address === address);
  const before = stateOf(name, here);
  if (before !== null && right.length === here.length)
    return asWanted(scoped.name, { state: before, ours, provider: provider.name });
  const hidden = entries.find((entry) => hides(entry, name));
  if (hidden !== undefined) return { risk: behindWildcard(scoped.name, provider.name, { wanted, hidden }) };
  const wrong = here.filter((entry) => entry.address !== address);
  const strangers = wrong.filter((entry) => !isOurs(entry, { here, ours, provider: provider.name }));
  const shared = wrong.filter((entry) => isShared(entry, entries));
  if (strangers.length > 0 || shared.length > 0)
    return { risk: conflict(scoped.name, { provider: provider.name, wanted, strangers, shared }) };
  const texts =
    right.length > 0 ? textsOf(right) : [provider.entryFor({ service: scoped.name, name, address })];
  const after = { name, addresses: [address], entries: texts };
  return { step: makeStep(scoped.name, provider.name, { before, after, known: ours.own.has(name) }) };
}

interface Right {
  readonly state: RecordState;
  readonly ours: Ours;
  readonly provider: string;
}

/** Right already. Where a record of ours says otherwise, or another service left it, this is noted, so that it is ours. */
function asWanted(service: string, { state, ours, provider }: Right): Finding {
  const { name, addresses, entries } = state;
  const left = ours.held.get(name)?.left;
  const known = ours.own.get(name)?.left;
  const same = known !== undefined && known.entries.join('\n') === entries.join('\n');
  return left === undefined || same
    ? { proof: `the record ${name} → ${addresses.join(', ')} is there` }
    : { step: noted(service, provider, state) };
}

/** A wildcard answers for every name below its domain, whatever else there is. */
function hides({ name: wild }: DnsEntry, name: string): boolean {
  const domain = wild.startsWith('*.') ? wild.slice(2) : null;
  return domain !== null && (name === domain || name.endsWith(`.${domain}`));
}

function decideUnwanted(
  { scoped, name }: { readonly scoped: ScopedService; readonly name: string },
  held: Held,
  { provider, entries }: FoundRecords,
): Finding {
  const here = entries.filter((entry) => entry.name === name);
  const before = stateOf(name, here);
  if (before === null) return null;
  const left = held.get(name)?.left.entries;
  const untouched = here.every(({ text, service }) => left?.includes(text) ?? service === scoped.name);
  if (!untouched || here.some((entry) => isShared(entry, entries)))
    return { risk: stillThere(scoped.name, provider.name, before) };
  return { step: makeStep(scoped.name, provider.name, { before, after: null, known: true }) };
}

interface Ours {
  readonly held: Held;
  /** Those of them these services have already. */
  readonly own: Held;
  /** Marks for services that are not looked at now are somebody else's affair. */
  readonly services: ReadonlySet<string>;
}
interface Around {
  /** Everything there is of that name. */
  readonly here: readonly DnsEntry[];
  readonly ours: Ours;
  readonly provider: string;
}

/** Ours by its mark; or as we left it; or the only one of a name of ours, which then somebody changed. */
function isOurs(entry: DnsEntry, { here, ours, provider }: Around): boolean {
  if (entry.service !== null) return ours.services.has(entry.service);
  const holding = ours.held.get(entry.name);
  if (holding === undefined) return false;
  if (holding.left.entries.includes(entry.text)) return true;
  // An alias is no changed address, and another server's entries were never ours.
  const isAddress = canonicalAddress(entry.address) !== null;
  const isMine = ours.own.get(entry.name)?.system === provider; // of another service only what it left exactly so
  return isAddress && isMine && here.length === 1;
}

/** Whether its text says something about other names too, which must not be lost. */
function isShared(entry: DnsEntry, entries: readonly DnsEntry[]): boolean {
  return entries.some(({ text, name }) => text === entry.text && name !== entry.name);
}

function stateOf(name: string, here: readonly DnsEntry[]): RecordState | null {
  if (here.length === 0) return null;
  const addresses = [...new Set(here.map(({ address }) => address))].sort();
  return { name, addresses, entries: textsOf(here) };
}

function textsOf(entries: readonly DnsEntry[]): readonly string[] {
  return [...new Set(entries.map(({ text }) => text))];
}
