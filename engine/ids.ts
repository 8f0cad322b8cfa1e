import { randomInt } from 'node:crypto';

/** No letters or digits that look like others: people read ids to each other. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';

/** A short random id such as `p-7k3m2q`; 700 million of them, and the store refuses a second use. */
export function newId(prefix: 'p' | 'd'): string {
  let id = `${prefix}-`;
  for (let i = 0; i < 6; i += 1) id += ALPHABET.charAt(randomInt(ALPHABET.length));
  return id;
}
