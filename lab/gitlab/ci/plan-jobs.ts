import type { AllowFailure, CiFile, JobDefinition, Need, Rule, Variables } from './ci-file.ts';
import { expandText, expandVariables } from './expand-variables.ts';
import { filtersAllow, firstRule, type RuleWorld } from './rules.ts';

/** A job as this pipeline has it: what its rules came to. */
export interface PlannedJob {
  readonly definition: JobDefinition;
  readonly when: string;
  readonly startIn: string | null;
  readonly allowFailure: AllowFailure;
  readonly needs: readonly Need[] | null;
  readonly environment: string | null;
  readonly resourceGroup: string | null;
  /** Those of the file: its own, its rule's, the pipeline's. */
  readonly variables: Variables;
}
export interface PlanInput {
  readonly file: CiFile;
  readonly world: RuleWorld;
  readonly predefined: Variables;
  /** Stronger than those of the file: the project's for an environment (null: for all), and those of this run. */
  readonly stronger: (environment: string | null) => Variables;
}
export type Planned =
  | { readonly kind: 'jobs'; readonly jobs: readonly PlannedJob[] }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'problem'; readonly problem: string };

/** Which jobs a pipeline has, in the order of their stages. */
export async function planJobs(input: PlanInput): Promise<Planned> {
  const { file, world, predefined, stronger } = input;
  let general = file.variables;
  if (file.workflow !== null) {
    const seen = expandVariables({ ...predefined, ...general, ...stronger(null) });
    const rule = await firstRule(file.workflow, seen, world);
    if (rule === null || rule.when === 'never') return { kind: 'nothing' };
    general = { ...general, ...rule.variables };
  }
  const jobs: PlannedJob[] = [];
  for (const definition of inStageOrder(file)) {
    const job = await planJob(definition, general, input);
    if (job !== null) jobs.push(job);
  }
  if (jobs.length === 0) return { kind: 'nothing' };
  const problem = missingNeed(jobs);
  return problem === null ? { kind: 'jobs', jobs } : { kind: 'problem', problem };
}

async function planJob(
  definition: JobDefinition,
  general: Variables,
  { world, predefined, stronger }: PlanInput,
): Promise<PlannedJob | null> {
  const own = { ...inheritedVariables(definition, general), ...definition.variables };
  const about = { CI_JOB_NAME: definition.name, CI_JOB_STAGE: definition.stage };
  const seenWith = (file: Variables, environment: string | null) =>
    expandVariables({ ...predefined, ...about, ...file, ...stronger(environment) });
  const named = (file: Variables) =>
    definition.environment === null ? null : expandText(definition.environment, seenWith(file, null));
  const seen = seenWith(own, named(own));

  let rule: Rule | null = null;
  if (definition.rules !== null) {
    rule = await firstRule(definition.rules, seen, world);
    if (rule === null || rule.when === 'never') return null;
  } else if (!(await filtersAllow(definition, seen, world))) return null;

  const variables = { ...own, ...rule?.variables };
  const environment = named(variables);
  const group = definition.resourceGroup;
  return {
    definition,
    when: rule?.when ?? definition.when,
    startIn: rule?.startIn ?? definition.startIn,
    // A manual job is optional where the job itself says manual, and blocks where one of its rules does.
    allowFailure: rule?.allowFailure ?? definition.allowFailure ?? definition.when === 'manual',
    needs: rule?.needs ?? definition.needs,
    environment,
    resourceGroup: group === null ? null : expandText(group, seenWith(variables, environment)),
    variables,
  };
}

function inheritedVariables({ inherits }: JobDefinition, general: Variables): Variables {
  if (typeof inherits === 'boolean') return inherits ? general : {};
  return Object.fromEntries(Object.entries(general).filter(([name]) => inherits.includes(name)));
}

function inStageOrder({ stages, jobs }: CiFile): readonly JobDefinition[] {
  return jobs.toSorted((one, other) => stages.indexOf(one.stage) - stages.indexOf(other.stage));
}

function missingNeed(jobs: readonly PlannedJob[]): string | null {
  const names = new Set(jobs.map(({ definition }) => definition.name));
  for (const { definition, needs } of jobs)
    for (const need of needs ?? [])
      if (!need.optional && !names.has(need.job))
        return `'${definition.name}' job needs '${need.job}' job, but '${need.job}' does not exist in the pipeline`;
  return null;
}
