import { checkSecrets } from '../definitions/index.ts';
import type { Ports } from '../ports.ts';
import { ProblemError } from '../problems.ts';
import { redactProblem } from '../redact-problem.ts';
import type { Fleet } from '../types.ts';
import type { Problem } from '../problems.ts';
import { filled } from './repository-options.ts';
import type { CliPorts, LivePorts } from './ports.ts';

/** What a command that asks hosts works with. Nothing it prints or writes can hold a secret. */
export interface Desk {
  readonly cli: CliPorts;
  readonly live: Ports;
  readonly redact: (text: string) => string;
  readonly redactProblem: (problem: Problem) => Problem;
}

/** Opens the outside for a piece of work, and closes it after. Throws when no key is configured. */
export async function withDesk<T>(cli: CliPorts, fleet: Fleet, work: (desk: Desk) => Promise<T>): Promise<T> {
  const opening = cli.openLive();
  if (opening === null) throw new ProblemError(noKey);
  const live: LivePorts = await opening;
  try {
    return await work(deskOf(cli, fleet, live));
  } finally {
    await live.close();
  }
}

/** Every secret a definition names is looked up once, so that texts of hosts and containers are rid of it. */
export function deskOf(cli: CliPorts, fleet: Fleet, { ports }: LivePorts): Desk {
  const { secrets } = ports;
  checkSecrets(fleet.services, (name) => secrets.has(name));
  const redact = (text: string): string => secrets.redact(text);
  return {
    cli: {
      ...cli,
      out: (text) => cli.out(redact(text)),
      err: (text) => cli.err(redact(text)),
    },
    live: ports,
    redact,
    redactProblem: (problem) => redactProblem(problem, secrets),
  };
}

const noKey: Problem = {
  code: 'authentication-failed',
  message: 'No SSH key is configured, so no host can be asked.',
  hint: 'Set SENTINEL_SSH_KEY to the file of the private key; in GitLab a variable of the type File gives one.',
};

/** Whether a CI job runs us: then nobody can be asked. */
export function inCi({ env }: Pick<CliPorts, 'env'>): boolean {
  return filled(env['CI']) !== undefined;
}
