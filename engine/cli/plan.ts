import type { Command } from 'commander';
import { planEntry, renderLivePlan, renderPlanJson, renderPlanText } from '../plan-text.ts';
import { checkSecrets } from '../definitions/index.ts';
import { makePlan } from '../planner.ts';
import { ProblemError, toProblem, type Problem } from '../problems.ts';
import type { Plan, Result } from '../types.ts';
import { withRangeOptions } from './commit-range.ts';
import { deskOf, type Desk } from './desk.ts';
import { dotenv, json, outHelp, writeFiles } from './files.ts';
import { namedServices } from './named-services.ts';
import { exitCodes, type CliPorts, type LivePorts } from './ports.ts';
import { count, renderProblems } from './print.ts';
import { withRepositoryOptions } from './repository-options.ts';
import type { Run } from './run.ts';
import { scopeOfSubject } from './scope.ts';
import { DefinitionProblems, readSubject, type Subject, type SubjectOptions } from './subject.ts';

type PlanOptions = SubjectOptions & {
  readonly offline?: boolean;
  readonly deleteVolumes?: boolean;
  readonly json?: boolean;
};

export const liveHelp = `
With $SENTINEL_SSH_KEY (file of the key named default; $SENTINEL_SSH_KEY_<NAME> for others) the hosts are asked.
Host keys come from sentinel.yml and from $SENTINEL_KNOWN_HOSTS (default: ~/.ssh/known_hosts).
Secrets come from variables of their name, or from files in the folder $SENTINEL_SECRETS.`;

/** `sentinel plan`: detect, validate, and show what would be deployed. Changes nothing. */
export function addPlan(program: Command, ports: CliPorts, run: Run): void {
  withRangeOptions(
    withRepositoryOptions(
      program
        .command('plan')
        .description('show what a commit would deploy and remove')
        .argument('[services...]', 'default: $SENTINEL_SERVICES, changes.json, or what the commits changed'),
    ),
  )
    .addHelpText('after', liveHelp)
    .option('--offline', 'ask no host, even if a key is configured: show what the definitions say')
    .option('--delete-volumes', 'also delete the named volumes of what is removed')
    .option('--out <dir>', outHelp)
    .option('--json', 'print JSON')
    .action((services: string[], options: PlanOptions) =>
      run((signal) => plan({ options, names: namedServices(services, ports) }, ports, signal)),
    );
}

interface Asked {
  readonly options: PlanOptions;
  readonly names: readonly string[] | null;
}

async function plan(asked: Asked, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const { options } = asked;
  let subject: Subject;
  try {
    subject = await readSubject(asked, ports, signal);
  } catch (error) {
    if (!(error instanceof DefinitionProblems)) throw error;
    const { problems } = error;
    ports.out(options.json === true ? json({ problems }) : renderProblems(problems, ports));
    ports.err(`${count(problems.length, 'problem')}; nothing was planned.\n`);
    return exitCodes.problems;
  }
  const opening = options.offline === true ? null : ports.openLive();
  if (opening === null) return show({ options, subject, ports, live: null });
  const opened: LivePorts = await opening;
  try {
    const desk = deskOf(ports, subject.fleet, opened);
    const live = await survey(subject, { options, desk }, signal);
    return await show({ options, subject, ports: desk.cli, live, redact: desk.redactProblem });
  } finally {
    await opened.close();
  }
}

/** Asks every system and compares it with the definitions, as the bot would. */
async function survey(
  subject: Subject,
  { options, desk }: { readonly options: PlanOptions; readonly desk: Desk },
  signal: AbortSignal,
): Promise<Result<Plan>> {
  const { secrets } = desk.live;
  const missing = checkSecrets(subject.deploy, (name) => secrets.has(name));
  if (missing.length > 0) return { ok: false, problems: missing };
  const { fleet, environment, head } = subject;
  try {
    const deleteVolumes = options.deleteVolumes === true;
    const scope = await scopeOfSubject(subject, { deleteVolumes, ports: desk.live }, signal);
    const frame = { repository: fleet.repository, environment, revision: head, scope, risks: [] };
    return await makePlan(frame, desk.live, signal);
  } catch (error) {
    if (!(error instanceof ProblemError)) signal.throwIfAborted();
    return { ok: false, problems: [toProblem(error)] };
  }
}

interface Showing {
  readonly options: PlanOptions;
  readonly subject: Subject;
  readonly ports: CliPorts;
  /** Null: nobody was asked. */
  readonly live: Result<Plan> | null;
  readonly redact?: (problem: Problem) => Problem;
}

async function show({ options, subject, ports, live, redact = same }: Showing): Promise<number> {
  const { changes, deploy, environment } = subject;
  const entries = deploy.map(planEntry);
  const text = renderPlanText(entries, changes.remove);
  const preview = json({ made: 'from the definitions alone; no host was asked', changes, services: entries });
  const made = live?.ok === true ? live.value : null;
  const outcome = live?.ok === false ? 'failed' : 'succeeded';
  await writeFiles(options, ports, {
    'changes.json': json(changes),
    'plan.txt': made === null ? text : `${text}\n${renderLivePlan(made)}`,
    ...(made === null ? { 'preview.json': preview } : { 'plan.json': renderPlanJson(made) }),
    'sentinel.env': dotenv({ outcome, environment, changes, digest: made?.digest ?? null }),
  });
  const asJson = options.json === true;
  if (!asJson) ports.out(text);
  if (live === null) {
    if (asJson) ports.out(preview);
    ports.err('Made from the definitions alone; no host was asked.\n');
    return exitCodes.ok;
  }
  if (!live.ok) {
    const problems = live.problems.map(redact);
    ports.out(asJson ? json({ problems }) : renderProblems(problems, ports));
    return exitCodes.problems;
  }
  ports.out(
    asJson
      ? renderPlanJson(live.value)
      : `\n${renderLivePlan(live.value)}Full digest: ${live.value.digest}\n`,
  );
  return exitCodes.ok;
}

function same(problem: Problem): Problem {
  return problem;
}
