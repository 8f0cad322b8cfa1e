import { stripVTControlCharacters } from 'node:util';

const longest = 4_000;
// far more than the tail needs, so that a log of megabytes costs nothing to clean
const looksAt = 64_000;

/** The end of a job's log as a terminal would show it: no colours, no section marks, no overwritten lines. */
export function tailOf(trace: string): string {
  const plain = stripVTControlCharacters(trace.slice(-looksAt));
  const lines = plain
    .replace(/section_(?:start|end):\d+:[^\r\n]*\r/g, '')
    .split('\n')
    .map(clean);
  const text = lines.join('\n').trim();
  if (text.length <= longest) return text;
  const tail = text.slice(-longest);
  return tail.slice(tail.indexOf('\n') + 1);
}

/** Newer runners write the time in front of every line: `2026-11-21T10:00:00.000000Z 00O text`. */
const stamp = /^\d{4}-\d\d-\d\dT[\d:.]+Z \d\d[OE][ +]?/;

function clean(line: string): string {
  const plain = line.replace(stamp, '').replace(/\r+$/, '');
  // what a carriage return went back over is not on the screen any more
  const shown = plain.slice(plain.lastIndexOf('\r') + 1);
  return shown.replace(/[^\P{Cc}\t]/gu, '').trimEnd();
}
