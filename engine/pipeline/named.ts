import type { JobState } from '../forge-port.ts';
import { oneLine } from '../notify/one-line.ts';

/** A job as events and requests name it. */
export const named = ({ id, name }: JobState): { readonly id: number; readonly name: string } => ({
  id,
  name: oneLine(name, 100),
});
