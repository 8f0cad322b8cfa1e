/**
 * Glance replaces `${NAME}` before it reads YAML. To read the places of things without knowing the values, templates
 * are written with characters no configuration has; a backslash before one keeps it as it is.
 */
const pattern = /(\\?)\$\{([A-Za-z0-9_:-]+)\}/g;
const escaped = '\uE001';
const open = '\uE002';
const close = '\uE003';

/** The same text, as long as before, that parses whatever the values are. */
export function mask(text: string): string {
  return text.replace(
    pattern,
    (_, backslash: string, name: string) => `${backslash === '' ? '' : escaped}$${open}${name}${close}`,
  );
}

/** A masked value as people would write it. */
export function unmask(text: string): string {
  return text.replaceAll(escaped, '').replaceAll(open, '{').replaceAll(close, '}');
}

/** A value that Glance will not take for a template. */
export function escapeTemplates(text: string): string {
  return text.replace(pattern, (whole) => `\\${whole}`);
}
