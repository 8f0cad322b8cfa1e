import { lockItems } from '../lock-items.ts';
import type { Scope } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { acquireHostLocks, type HostLocks } from '../stages/deploy/index.ts';
import { inCi, type Desk } from './desk.ts';
import { filled } from './repository-options.ts';

const lookMs = 2_000;

/** Takes the locks on the hosts, and waits for whoever has them, up to a limit. Throws ProblemError `host-in-use`. */
export async function lockHosts(
  scope: Scope,
  { desk, deployment, command, waitSeconds }: Locking,
  signal: AbortSignal,
): Promise<HostLocks> {
  const { live, cli } = desk;
  const holder = { id: deployment, who: whoWeAre(desk), reason: `sentinel ${command}` };
  const until = live.clock.now().getTime() + waitSeconds * 1000;
  let told = '';
  for (;;) {
    const locks = await acquireHostLocks({ items: lockItems(scope), holder }, live, signal);
    if (locks.ok) return locks.value;
    const problem = locks.problems.find(({ code }) => code !== 'host-in-use') ?? locks.problems[0];
    if (problem === undefined) throw new Error('locks were refused without a reason');
    if (problem.code !== 'host-in-use' || live.clock.now().getTime() >= until)
      throw new ProblemError(problem);
    if (told !== problem.message) cli.err(`Waiting: ${problem.message}\n`);
    told = problem.message;
    await live.clock.wait(lookMs, signal);
  }
}

export interface Locking {
  readonly desk: Desk;
  readonly deployment: string;
  readonly command: string;
  readonly waitSeconds: number;
}

/** Whoever meets our lock should find us: by the job's page, or by the machine. */
export function whoWeAre({ cli }: Desk): string {
  if (!inCi(cli)) return `cli:${cli.login}`;
  return `ci:${filled(cli.env['CI_JOB_URL']) ?? cli.login}`;
}
