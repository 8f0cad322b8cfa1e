import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { good, wrong, type Finding } from './finding.ts';

/** Whether a file that holds a secret can be read by us and by nobody who should not. Its content is not looked at. */
export function privateFile(about: Pick<Finding, 'area' | 'subject'>, path: string): Finding {
  try {
    accessSync(path, constants.R_OK);
  } catch {
    return wrong(
      about,
      `${path} cannot be read.`,
      'Correct the path, or let the user Sentinel runs as read it.',
    );
  }
  const others = (statSync(path).mode & 0o007) !== 0;
  // What nobody else can get to, nobody else can read.
  const open = (statSync(dirname(path)).mode & 0o001) !== 0;
  if (others && open)
    return wrong(about, `${path} can be read by every user of this machine.`, `chmod 600 ${path}`);
  return good(about, `${path} is there and private.`);
}
