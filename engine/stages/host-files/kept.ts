import type { HostEntry } from '../../types.ts';

/**
 * Where what is replaced on a host is kept, under the sha256 of its text, so that it can be put back as it was. Apart
 * from the files' own directories, where other programs would read them.
 */
export function keptDirectory({ installRoot }: HostEntry): string {
  return `${installRoot.replace(/\/+$/, '')}/.sentinel/kept`;
}
