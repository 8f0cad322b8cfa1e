import { distance } from 'fastest-levenshtein';

/** The known word a person probably meant, or undefined when none is near enough. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const written = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const away = distance(written, candidate.toLowerCase());
    if (away < least && away < candidate.length) [best, least] = [candidate, away];
  }
  return best;
}
