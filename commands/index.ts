import { approve } from './approve.ts';
import type { Command } from './command.ts';
import { deploy } from './deploy.ts';
import { plan } from './plan.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';

/** Every slash command there is. */
export const commands: readonly Command[] = [plan, deploy, approve, status, rollback];

export type {
  Caller,
  Choice,
  Command,
  Definition,
  Memory,
  Options,
  OwnMemory,
  ReleaseChoice,
  Reply,
} from './command.ts';
export { showStatus } from './status.ts';
