import ipaddr from 'ipaddr.js';

/** A name as all of us compare it: in lower case, without a dot at the end. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** An address in its one usual form, or null when it is none: hosts write IPv6 in many ways. */
export function canonicalAddress(text: string): string | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toString() : null;
}

/** Those of the answered addresses that can be compared with the wanted ones: a server without an IPv6 record asks others for one. */
export function comparable(answered: readonly string[], wanted: readonly string[]): readonly string[] {
  const families = new Set(wanted.map(isVersion6));
  return answered.filter((address) => families.has(isVersion6(address)));
}

const isVersion6 = (address: string): boolean => address.includes(':');
