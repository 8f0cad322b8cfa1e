/**
 * An address as it may be shown and kept: a name and password in it, what stands behind `?` and `#` are left out, each
 * with a mark that something was. Pure.
 */
export function veiled(address: string): string {
  const [, scheme = '', rest = ''] =
    /^((?:[a-z][a-z0-9+.-]*:)?[\\/]{2})?([\s\S]*)$/i.exec(address.trim()) ?? [];
  const [, authority = '', path = '', query = '', fragment = ''] =
    /^([^\\/?#]*)([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  // A password with a slash or a hash in it: nobody can tell where it ends.
  if (scheme !== '' && !hostPattern.test(host.replace(/\$\{[^}]*\}/g, '0'))) return `${scheme}…`;
  const hidden = (part: string): string => (part.length > 1 ? `${part.slice(0, 1)}…` : part);
  return `${scheme}${at < 0 ? '' : '…@'}${host}${path}${hidden(query)}${hidden(fragment)}`;
}

const hostPattern = /^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/** Something was left out of it. */
export const isVeiled = (text: string): boolean => /…@|[?#]…|[\\/]{2}…/.test(text);

/** A text with each address in it as it may be shown. */
export const veiledIn = (text: string): string =>
  text.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, (address) => veiled(address));
