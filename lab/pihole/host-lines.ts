import { isIP } from 'node:net';
import { type Reply, refusal } from './reply.ts';

/** How a line is stored: runs of blanks and tabs become one blank, ends are trimmed. */
export function normalised(line: string): string {
  return line.trim().replace(/[ \t]+/g, ' ');
}

/** The whole list is validated, so one line that got in by hand spoils every addition. */
export function invalidIn(lines: readonly string[]): Reply | null {
  for (const [index, line] of lines.entries()) {
    const reason = faultOf(line);
    if (reason !== null)
      return refusal(400, 'bad_request', {
        message: 'Invalid value',
        hint: `dns.hosts[${index}]: ${reason}`,
      });
  }
  return null;
}

function faultOf(line: string): string | null {
  const [address = '', ...names] = wordsOf(line);
  if (isIP(address) === 0) return `neither a valid IPv4 nor IPv6 address ("${address}")`;
  if (names.length === 0) return `no hostname found ("${line}")`;
  const bad = names.find((name) => !isName(name));
  return bad === undefined ? null : `invalid hostname ("${bad}")`;
}

function isName(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.');
  return labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label));
}

/** The addresses lines give to a name. */
export function addressesIn(lines: readonly string[], name: string): readonly string[] {
  return lines.flatMap((line) => {
    const [address = '', ...names] = wordsOf(line);
    const known = names.some((each) => each.toLowerCase().replace(/\.$/, '') === name);
    return known && isIP(address) !== 0 ? [address] : [];
  });
}

function wordsOf(line: string): readonly string[] {
  return normalised(line.replace(/#.*$/, '')).split(' ');
}
