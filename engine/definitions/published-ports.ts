import type { ComposePort } from '../../schema/index.ts';
import type { PublishedPort } from '../types.ts';

/** Ports of the host one entry of a compose file's `ports` takes; a sentence when it makes no sense. */
export function publishedPorts(entry: string | number | ComposePort): readonly PublishedPort[] | string {
  return typeof entry === 'object' ? longForm(entry) : shortForm(String(entry));
}

function longForm({ target, published, protocol, host_ip }: ComposePort): readonly PublishedPort[] | string {
  if (published === undefined || published === '') return [];
  return pair(String(published), String(target), {
    protocol: protocol ?? 'tcp',
    ...(host_ip === undefined ? {} : { address: host_ip }),
  });
}

const short = /^(?:(?:(\[[0-9a-fA-F:]+\]|[0-9.]+):)?([0-9-]*):)?([0-9-]+)(?:\/([a-z]+))?$/;

function shortForm(entry: string): readonly PublishedPort[] | string {
  const match = short.exec(entry);
  if (match === null) return `${entry} is not a port mapping`;
  const [, address, host, container = '', protocol = 'tcp'] = match;
  if (protocol !== 'tcp' && protocol !== 'udp') return `${protocol} is not one of ['tcp', 'udp']`;
  if (host === undefined || host === '') return []; // Docker picks one
  return pair(host, container, {
    protocol,
    ...(address === undefined ? {} : { address: address.replace(/^\[|\]$/g, '') }),
  });
}

function pair(
  host: string,
  container: string,
  rest: Pick<PublishedPort, 'protocol' | 'address'>,
): readonly PublishedPort[] | string {
  const outside = range(host);
  const inside = range(container);
  if (outside === null) return `${host} is not a port or a range of ports`;
  if (inside === null) return `${container} is not a port or a range of ports`;
  if (outside.length > 1 && inside.length === 1) return []; // Docker picks one of the range
  if (outside.length !== inside.length) return `${host} and ${container} are not equally many ports`;
  return outside.map((port, index) => ({ host: port, container: inside[index] ?? port, ...rest }));
}

function range(text: string): readonly number[] | null {
  const [first, last = first, ...more] = text.split('-').map(Number);
  if (first === undefined || last === undefined || more.length > 0) return null;
  if (![first, last].every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535)) return null;
  return last < first ? null : Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
