import { type Problem, ProblemError } from '../../problems.ts';
import { classifyCommandFailure, lastLines } from '../../remote-errors.ts';
import { sudoersLine } from '../../sudoers-line.ts';
import type { CommandResult } from '../../ports.ts';
import type { HostEntry } from '../../types.ts';
import type { Ending } from './execute.ts';

/** A command that did not come to its own end, in words. */
export function endingProblem(entry: HostEntry, ending: Ending, timeoutMs: number): Problem {
  const host = entry.name;
  switch (ending.kind) {
    case 'exited': // before the script's first line
      return beforeStartProblem(entry, ending);
    case 'no-channel':
      return {
        code: 'host-unreachable',
        message: `${host} accepted the login but opens no channel to run a command in.`,
        where: host,
        hint: 'Check MaxSessions in sshd_config, and that the user may run commands.',
      };
    case 'lost':
      return {
        code: 'host-unreachable',
        message: ending.sent
          ? `The connection to ${host} was lost while a command ran; the command may have run, in part or to its end.`
          : `The connection to ${host} was lost before a command was sent; it has not run.`,
        where: host,
        hint: 'Once the host answers again, plan anew: the plan shows what was done and what is left.',
      };
    case 'stopped':
      return stoppedProblem(host, ending, timeoutMs);
  }
}

function stoppedProblem(
  host: string,
  ending: Extract<Ending, { kind: 'stopped' }>,
  timeoutMs: number,
): Problem {
  const rest = ending.gone ? 'and was stopped' : 'and could not be seen to stop; it may still run';
  const text = lastLines(ending.stderr);
  const evidence = text === '' ? {} : { evidence: [{ title: 'last lines of the command', text }] };
  switch (ending.by) {
    case 'abort':
      return {
        code: 'cancelled',
        message: `A command on ${host} was cancelled ${rest}.`,
        where: host,
        ...evidence,
      };
    case 'timeout':
      return {
        code: 'timed-out',
        message: `A command on ${host} took longer than ${timeoutMs / 1000} s ${rest}.`,
        where: host,
        hint: `Look at the load of ${host} (\`uptime\`, \`docker ps\`), and try again.`,
        ...evidence,
      };
    case 'output':
      return {
        code: 'command-failed',
        message: `A command on ${host} printed more than Sentinel keeps ${rest}.`,
        where: host,
        hint: 'This is unusual; please report it together with what was being done.',
        ...evidence,
      };
  }
}

/** What we threw away before it began. */
export function cancelledBeforeStart(entry: HostEntry, cause: unknown): ProblemError {
  return new ProblemError(
    { code: 'cancelled', message: `Cancelled before anything ran on ${entry.name}.`, where: entry.name },
    { cause },
  );
}

/** The login shell or sudo ended before the script's first line. */
export function beforeStartProblem(entry: HostEntry, ended: CommandResult): Problem {
  const host = entry.name;
  const problem = classifyCommandFailure({
    ...ended,
    host,
    command: entry.user === 'root' ? 'sh' : 'sudo -n -- sh',
  });
  // sudo speaks the user's language, so its name has to do.
  if (problem.code !== 'command-failed' || entry.user === 'root' || !/\bsudo\b/.test(ended.stderr))
    return problem;
  return {
    ...problem,
    code: 'sudo-refused',
    message: `sudo on ${host} did not let ${entry.user} run commands as root.`,
    hint: `Give ${entry.user} the line \`${sudoersLine(entry.user)}\` in /etc/sudoers.d/sentinel on ${host}.`,
  };
}
