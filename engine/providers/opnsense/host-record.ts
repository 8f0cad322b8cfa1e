import { canonicalAddress, canonicalName } from '../../dns-names.ts';
import { isRecord, list } from '../../json.ts';
import { ProblemError } from '../../problems.ts';
import type { DnsEntry } from '../../system-ports/index.ts';
import { nameUuid } from './name-uuid.ts';

/** A host override as the server keeps it, with fields only newer versions have; what stands at its default is left out. */
export interface HostRecord {
  readonly uuid: string;
  readonly fields: Fields;
}
export type Fields = Readonly<Record<string, string>>;

/** Always written down, so that the text of a record is the same whatever the version leaves out. */
const core: Fields = { enabled: '1', hostname: '', domain: '', rr: 'A', server: '', description: '' };
const mark = 'Sentinel: ';

/** The rows of a search: raw values of newer versions and described ones of older alike; aliases are no records of their own. */
export function parseRows(rows: unknown): readonly HostRecord[] {
  return list(rows).flatMap((row) => {
    if (!isRecord(row) || row['isAlias'] === true || typeof row['uuid'] !== 'string') return [];
    const pairs = Object.entries(row).flatMap(([key, value]) => {
      const known = typeof value === 'string' || typeof value === 'number';
      return known && /^[a-z]/i.test(key) ? [[key, String(value)] as const] : [];
    });
    return [createRecord(row['uuid'], Object.fromEntries(pairs))];
  });
}

/** What a field has when nobody gave it a value. */
export function defaultOf(field: string): string {
  return field === 'addptr' ? '1' : '';
}

function createRecord(uuid: string, given: Fields): HostRecord {
  const all = { ...core, ...given, rr: (given['rr'] ?? 'A').split(' ', 1).join('').toUpperCase() };
  const kept = Object.entries(all)
    .filter(([key, value]) => key !== 'uuid' && (key in core || value !== defaultOf(key)))
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return { uuid, fields: Object.fromEntries(kept) };
}

/** The record a text of ours stands for. */
export function parseEntry(text: string): HostRecord {
  const [record] = parseRows([parseJson(text)]);
  if (record !== undefined) return record;
  throw new ProblemError({
    code: 'record-corrupt',
    message: 'What was written down about a host override cannot be read any more.',
    hint: 'Plan again, so that it is written down anew.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Two records that say the same, whatever identifier each was given. */
export function isSame(left: HostRecord, right: HostRecord): boolean {
  return JSON.stringify(left.fields) === JSON.stringify(right.fields);
}

/** The full name; the one of a wildcard begins with `*.`. */
export function nameOf({ fields }: HostRecord): string {
  return canonicalName([fields['hostname'], fields['domain']].filter((part) => part).join('.'));
}

export function addressOf({ fields }: HostRecord): string {
  const server = fields['server'] ?? '';
  return canonicalAddress(server) ?? server;
}

/** `grafana.home.lan → 192.168.40.20` */
export function describe(record: HostRecord): string {
  return `${nameOf(record)} → ${addressOf(record)}${isEnabled(record) ? '' : ' (switched off)'}`;
}

export function isEnabled({ fields }: HostRecord): boolean {
  return fields['enabled'] === '1';
}

/** Whether it makes the server answer with an address. */
export function isAnswer(record: HostRecord): boolean {
  return isEnabled(record) && ['A', 'AAAA'].includes(record.fields['rr'] ?? '');
}

/** The record we would make: its identifier follows from what it says, so that making it twice makes one. */
export function recordFor(wanted: {
  readonly service: string;
  readonly name: string;
  readonly address: string;
}): HostRecord {
  const { service } = wanted;
  const name = canonicalName(wanted.name);
  const address = canonicalAddress(wanted.address) ?? wanted.address;
  const rr = address.includes(':') ? 'AAAA' : 'A';
  const [, hostname = '', domain = name] = /^([^.]+)\.(.+)$/.exec(name) ?? [];
  return createRecord(nameUuid([service, name, rr, address].join(' ')), {
    hostname,
    domain,
    rr,
    server: address,
    description: mark + service,
  });
}

/** Its fields in a fixed order: the same record always gives the same text. */
export function textOf({ uuid, fields }: HostRecord): string {
  return JSON.stringify({ uuid, ...fields });
}

/**
 * A record as others see it. One of ours that was given another identifier (24.7 lets nobody choose it) is shown
 * under the one we would choose, as nothing but what it says tells records apart.
 */
export function toEntry(record: HostRecord): DnsEntry {
  const [name, address] = [nameOf(record), addressOf(record)];
  const description = record.fields['description'] ?? '';
  const service = description.startsWith(mark) ? description.slice(mark.length).trim() : '';
  if (service === '') return { name, address, text: textOf(record), service: null };
  const ours = recordFor({ service, name, address });
  return { name, address, text: textOf(isSame(ours, record) ? ours : record), service };
}
