import { canonicalAddress, canonicalName } from '../../dns-names.ts';
import type { DnsEntry } from '../../system-ports/dns.ts';

/** `192.168.40.20 grafana.home.lan`, the only form we write: one name for each entry. */
export function hostLine(record: { readonly name: string; readonly address: string }): string {
  return `${canonicalAddress(record.address) ?? record.address} ${canonicalName(record.name)}`;
}

/** How the server stores a line it is given. */
export function stored(line: string): string {
  return line.trim().replace(/[ \t]+/g, ' ');
}

/** One entry for each name of a line of `dns.hosts`; none for a line that says nothing. */
export function parseHostLine(text: string): readonly DnsEntry[] {
  const [word = '', ...names] = stored(text.replace(/#.*$/, '')).split(' ');
  const address = canonicalAddress(word);
  if (address === null) return [];
  return names.map((name) => ({ name: canonicalName(name), address, text, service: null }));
}

/** The aliases of a line of `dns.cnameRecords`: in the place where an address would be stands the name they lead to. */
export function parseCname(text: string): readonly DnsEntry[] {
  const words = text.split(',').map((word) => word.trim());
  const hasTtl = words.length > 2 && /^\d+$/.test(words.at(-1) ?? '');
  const names = hasTtl ? words.slice(0, -1) : words;
  const target = names.at(-1);
  if (target === undefined) return [];
  return names
    .slice(0, -1)
    .map((name) => ({ name: canonicalName(name), address: canonicalName(target), text, service: null }));
}
