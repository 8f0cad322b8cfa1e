import { stripVTControlCharacters } from 'node:util';

// far more than is shown, so that a log of megabytes costs nothing to clean and no secret is cut before it is replaced
const looksAt = 64_000;

/** The end of a job's log as a terminal would show it: no colours, no section marks, no overwritten lines. */
export function tailOf(trace: string): string {
  const plain = stripVTControlCharacters(endOf(trace));
  const lines = plain
    .replace(/section_(?:start|end):\d+:[^\r\n]*\r/g, '')
    .split('\n')
    .map(clean);
  return lines.join('\n').trim();
}

/** Begins with a whole line, where there is one. */
function endOf(trace: string): string {
  if (trace.length <= looksAt) return trace;
  const end = trace.slice(-looksAt);
  return end.slice(end.indexOf('\n') + 1);
}

/** Newer runners write the time in front of every line: `2026-11-21T10:00:00.000000Z 00O text`. */
const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+Z \d\d[OE][ +]?/;

function clean(line: string): string {
  const plain = line.replace(stamp, '').replace(/\r+$/, '');
  // what a carriage return went back over is not on the screen any more
  const shown = plain.slice(plain.lastIndexOf('\r') + 1);
  return shown.replace(/[^\P{Cc}\t]/gu, '').trimEnd();
}
