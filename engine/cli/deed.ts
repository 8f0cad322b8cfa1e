import type { Command } from 'commander';
import { ProblemError } from '../problems.ts';
import { act, notDone, type Done } from './act.ts';
import { readAgreedPlan, type PlanOptions } from './agreed-plan.ts';
import { withRangeOptions } from './commit-range.ts';
import { withDesk, type Desk } from './desk.ts';
import { outHelp } from './files.ts';
import { namedServices } from './named-services.ts';
import type { Part } from './parts.ts';
import type { CliPorts } from './ports.ts';
import { liveHelp } from './plan.ts';
import { renderProblems } from './print.ts';
import { report } from './report.ts';
import { environmentOf, withRepositoryOptions } from './repository-options.ts';
import { usageError } from './run.ts';
import { scopeOfSubject } from './scope.ts';
import { DefinitionProblems, readSubject, type Subject, type SubjectOptions } from './subject.ts';

export type ActOptions = SubjectOptions &
  PlanOptions & {
    readonly yes?: boolean;
    readonly json?: boolean;
    readonly wait?: string;
    readonly deleteVolumes?: boolean;
  };

/** The options of every command that changes something by a plan. */
export function withActOptions(command: Command): Command {
  return withDeskOptions(command)
    .option(
      '--plan <file>',
      'do nothing that is not in this plan (default: plan.json in --out, if it is there)',
    )
    .option('--no-plan', 'act without a plan somebody saw')
    .option('--delete-volumes', 'also delete the named volumes of what is removed');
}

/** The options of every command that asks hosts and may change something there. */
export function withDeskOptions(command: Command): Command {
  return withRangeOptions(withRepositoryOptions(command))
    .addHelpText('after', liveHelp)
    .option('--out <dir>', outHelp)
    .option('--yes', 'ask nobody')
    .option('--wait <seconds>', 'how long to wait for a host somebody else works on', '300')
    .option('--json', 'print the result as JSON, and nothing else');
}

export interface Errand {
  readonly command: string;
  readonly given: readonly string[];
  readonly options: ActOptions;
  readonly part: Part;
  /** Whether it is about services that go, or those that stay. */
  readonly removes: boolean;
}

/** Reads what a command is about, does its part of the plan, and says how it ended. */
export async function runDeed(errand: Errand, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const { options, given } = errand;
  return withSubject({ ...errand, names: namedServices(given, ports) }, ports, {
    signal,
    work: async (desk, subject) => {
      const own = (errand.removes ? subject.remove : subject.deploy).map(({ name }) => name);
      const wrong = given.find((name) => !own.includes(name));
      if (wrong !== undefined) throw new ProblemError(notForThis(wrong, errand, subject));
      const scope = await scopeOfSubject(
        subject,
        { deleteVolumes: options.deleteVolumes === true, ports: desk.live },
        signal,
      );
      const { fleet, environment, head } = subject;
      const frame = { repository: fleet.repository, environment, revision: head, scope, risks: [] };
      const agreed = await readAgreedPlan(options, ports);
      const waitSeconds = secondsOf(options);
      const deed = {
        ...errand,
        frame,
        agreed,
        waitSeconds,
        services: new Set(own),
        yes: options.yes === true,
      };
      return act(deed, desk, signal);
    },
  });
}

export interface Situation {
  readonly command: string;
  readonly options: ActOptions;
  readonly names: readonly string[] | null;
}

/** Whatever happens, files and an exit code tell how it ended. */
export async function withSubject(
  { command, options, names }: Situation,
  ports: CliPorts,
  {
    work,
    signal,
  }: {
    readonly work: (desk: Desk, subject: Subject) => Promise<Done>;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  const cli = options.json === true ? { ...ports, out: ports.err } : ports;
  const environment = environmentOf(options, ports);
  const about = { command, options, environment };
  let subject: Subject;
  try {
    subject = await readSubject({ options, names }, cli, signal);
  } catch (error) {
    if (!(error instanceof DefinitionProblems)) throw error;
    cli.out(renderProblems(error.problems.slice(1), cli));
    return report(notDone(error, names ?? []), { ...about, revision: null, changes: null }, ports);
  }
  const { fleet, changes, head } = subject;
  return withDesk(cli, fleet, async (desk) => {
    const done = await attempt(desk, subject, work);
    const told = { ...ports, out: (text: string) => ports.out(desk.redact(text)) };
    const problem = done.problem === null ? null : desk.redactProblem(done.problem);
    return report({ ...done, problem }, { ...about, revision: head, changes }, told);
  });
}

async function attempt(
  desk: Desk,
  subject: Subject,
  work: (desk: Desk, subject: Subject) => Promise<Done>,
): Promise<Done> {
  try {
    return await work(desk, subject);
  } catch (error) {
    const expected = error instanceof DefinitionProblems || error instanceof ProblemError;
    if (!expected && !isAbort(error)) throw error;
    if (error instanceof DefinitionProblems)
      desk.cli.out(renderProblems(error.problems.slice(1).map(desk.redactProblem), desk.cli));
    return notDone(error, []);
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

function notForThis(name: string, { removes, command }: Errand, { fleet }: Subject) {
  const file = fleet.services.find((service) => service.name === name)?.file ?? '';
  return removes
    ? ({
        code: 'service-unknown',
        message: `${name} is still defined in ${file}, so it is not removed.`,
        hint: 'Delete its definition, commit, and run this again.',
      } as const)
    : ({
        code: 'service-unknown',
        message: `${name} is not defined any more, so \`sentinel ${command}\` has nothing to make of it.`,
        hint: `\`sentinel remove ${name}\` takes it away.`,
      } as const);
}

/** How long to wait for whoever holds a lock. */
export function secondsOf({ wait = '300' }: ActOptions): number {
  const seconds = Number(wait);
  if (wait.trim() === '' || !Number.isFinite(seconds) || seconds < 0)
    throw usageError(`--wait ${wait} is not a number of seconds`);
  return seconds;
}
