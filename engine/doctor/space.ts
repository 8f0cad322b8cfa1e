import { good, warning, wrong, type Finding } from './finding.ts';

const megabyte = 1024 * 1024;

/** How much room a disk has left. */
export function spaceFinding(
  about: Pick<Finding, 'area' | 'subject'>,
  {
    path,
    free,
    needed,
  }: {
    readonly path: string;
    readonly free: number;
    readonly needed: { readonly scarce: number; readonly full: number };
  },
): Finding {
  const says = `${inWords(free)} free at ${path}.`;
  const mend =
    'Free space; on a Docker host `docker system df` shows what takes it and `docker image prune` removes unused images.';
  if (free < needed.full) return wrong(about, `only ${says}`, mend);
  return free < needed.scarce ? warning(about, `only ${says}`, mend) : good(about, says);
}

/** An image is easily half a gigabyte. */
export const roomForImages = { scarce: 2048 * megabyte, full: 256 * megabyte };
/** For the record, mirrors of repositories and what is being written. */
export const roomForState = { scarce: 512 * megabyte, full: 64 * megabyte };

function inWords(bytes: number): string {
  const amount = bytes / megabyte;
  return amount < 1024
    ? `${Math.floor(amount)} MB`
    : `${(amount / 1024).toFixed(amount < 10_240 ? 1 : 0)} GB`;
}
