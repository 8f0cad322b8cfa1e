/** Outside text on one line, without control characters and direction overrides, cut to a length. */
export function oneLine(outside: string, longest = Infinity): string {
  const text = outside.replaceAll(/[\p{Cc}\p{Bidi_Control}\s]+/gu, ' ').trim();
  return text.length <= longest ? text : `${wholeCharacters(text.slice(0, longest - 1))}…`;
}

/** Cut so that it fits into a number of bytes as UTF-8. */
export function fitBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const kept = Buffer.from(text).subarray(0, most - Buffer.byteLength('…'));
  // A character cut in half is decoded as U+FFFD at the very end.
  return `${kept.toString('utf8').replace(/\uFFFD+$/, '')}…`;
}

/** A cut may leave half of a pair behind. */
function wholeCharacters(text: string): string {
  return text.replace(/[\uD800-\uDBFF]$/, '');
}
