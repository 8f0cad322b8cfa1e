import type { Command } from 'commander';
import { basename } from 'node:path';
import { planEntry, renderLivePlan, renderPlanJson, renderPlanText } from '../plan-text.ts';
import type { Source, Tree } from '../ports.ts';
import type { Plan, Result, Service } from '../types.ts';
import { detectChanges, json, writeFiles, type DetectOptions } from './detect.ts';
import { exitCodes, type CliPorts } from './ports.ts';
import { count, renderProblems } from './print.ts';
import { folderSource, repositoryDirectory, withRepositoryOptions } from './repository-options.ts';
import { withRangeOptions } from './commit-range.ts';
import type { Run } from './run.ts';

interface PlanOptions extends DetectOptions {
  readonly offline?: boolean;
  readonly json?: boolean;
}

const liveHelp = `
With $SENTINEL_SSH_KEY (file of the key named default; $SENTINEL_SSH_KEY_<NAME> for others) the hosts are asked too.
Host keys come from sentinel.yml and from $SENTINEL_KNOWN_HOSTS (default: ~/.ssh/known_hosts).
Secrets come from variables of their name, or from files in the folder $SENTINEL_SECRETS.`;

/** `sentinel plan`: detect, validate, and show what would be deployed. Changes nothing. */
export function addPlan(program: Command, ports: CliPorts, run: Run): void {
  withRangeOptions(
    withRepositoryOptions(program.command('plan').description('show what a commit would deploy and remove')),
  )
    .addHelpText('after', liveHelp)
    .option('--offline', 'ask no host, even if a key is configured: show what the definitions say')
    .option(
      '--out <dir>',
      'also write changes.json, plan.txt, and plan.json (live) or preview.json (offline) there',
    )
    .option('--json', 'print JSON')
    .action((options: PlanOptions) => run((signal) => plan(options, ports, signal)));
}

async function plan(options: PlanOptions, ports: CliPorts, signal: AbortSignal): Promise<number> {
  const { checkout, place, range, detection } = await detectChanges(options, ports, signal);
  const { changes } = detection;
  const source = folderSource(basename(repositoryDirectory(options, ports)), place);
  const tree = await checkout.tree(range.head, signal);
  const { fleet, problems } = source.load(tree, options.environment);
  if (problems.length > 0) {
    ports.out(options.json === true ? json({ changes, problems }) : renderProblems(problems, ports));
    ports.err(`${count(problems.length, 'problem')}; nothing was planned.\n`);
    return exitCodes.problems;
  }
  const names = new Set(changes.deploy.map(({ name }) => name));
  const deploy = fleet.services.filter(({ name }) => names.has(name));
  const entries = deploy.map(planEntry);
  const text = renderPlanText(entries, changes.remove);
  const before =
    changes.base === undefined || changes.base === null ? null : await checkout.tree(changes.base, signal);
  const remove = lastDefinitions(source, before, { options, names: changes.remove.map(({ name }) => name) });
  const survey = options.offline === true ? null : ports.surveyLive({ fleet, deploy, remove }, signal);
  const live = await survey;
  const preview = json({ made: 'from the definitions alone; no host was asked', changes, services: entries });
  await writeFiles(options, ports, {
    'changes.json': json(changes),
    'plan.txt': live?.ok === true ? `${text}\n${renderLivePlan(live.value)}` : text,
    ...(live?.ok === true ? { 'plan.json': renderPlanJson(live.value) } : { 'preview.json': preview }),
  });
  return show({ options, ports, text, preview, live });
}

function show({
  options,
  ports,
  text,
  preview,
  live,
}: {
  readonly options: PlanOptions;
  readonly ports: CliPorts;
  readonly text: string;
  readonly preview: string;
  readonly live: Result<Plan> | null;
}): number {
  const asJson = options.json === true;
  if (!asJson) ports.out(text);
  if (live === null) {
    if (asJson) ports.out(preview);
    ports.err('Made from the definitions alone; no host was asked.\n');
    return exitCodes.ok;
  }
  if (!live.ok) {
    ports.out(asJson ? json({ problems: live.problems }) : renderProblems(live.problems, ports));
    return exitCodes.problems;
  }
  ports.out(asJson ? renderPlanJson(live.value) : `\n${renderLivePlan(live.value)}`);
  return exitCodes.ok;
}

/** Services that go away, as the commit before had them. */
function lastDefinitions(
  source: Source,
  before: Tree | null,
  { options, names }: { readonly options: PlanOptions; readonly names: readonly string[] },
): readonly Service[] {
  if (before === null || names.length === 0) return [];
  const { services } = source.load(before, options.environment).fleet;
  return services.filter(({ name }) => names.includes(name));
}
