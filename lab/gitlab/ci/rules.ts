import type { Filter, Rule, Variables } from './ci-file.ts';
import { expandText } from './expand-variables.ts';
import { globFits, wildcardFits } from './glob.ts';
import { ruleHolds } from './rule-expression.ts';
import type { StartRequest } from './types.ts';

/** What rules look at beside variables. */
export interface RuleWorld {
  readonly branch: string;
  readonly source: StartRequest['source'];
  /** Null when there is nothing to compare with: GitLab takes everything as changed then. */
  readonly changed: (compareTo: string | null) => Promise<readonly string[] | null>;
  readonly files: () => Promise<readonly string[]>;
}

/**
 * The first rule that holds. gitlab-ci-local compares with the default branch for `changes` and leaves
 * `workflow:rules` alone, so the lab judges rules by itself, as GitLab's server does.
 */
export async function firstRule(
  rules: readonly Rule[],
  variables: Variables,
  world: RuleWorld,
): Promise<Rule | null> {
  for (const rule of rules) if (await holds(rule, variables, world)) return rule;
  return null;
}

async function holds(rule: Rule, variables: Variables, world: RuleWorld): Promise<boolean> {
  if (rule.if !== null && !ruleHolds(rule.if, variables)) return false;
  if (rule.changes !== null && !(await touches(rule.changes, variables, world))) return false;
  if (rule.exists === null) return true;
  const patterns = rule.exists.map((pattern) => expandText(pattern, variables));
  return anyFits(patterns, await world.files());
}

async function touches(
  { paths, compareTo }: { readonly paths: readonly string[]; readonly compareTo: string | null },
  variables: Variables,
  world: RuleWorld,
): Promise<boolean> {
  const changed = await world.changed(compareTo);
  const patterns = paths.map((path) => expandText(path, variables));
  return changed === null || anyFits(patterns, changed);
}

const anyFits = (patterns: readonly string[], paths: readonly string[]): boolean =>
  patterns.some((pattern) => paths.some((path) => globFits(pattern, path)));

/** The older way to say when there is a job: it needs all of `only`, and any of `except` takes it out. */
export async function filtersAllow(
  filters: { readonly only: Filter | null; readonly except: Filter | null },
  variables: Variables,
  world: RuleWorld,
): Promise<boolean> {
  const { only, except } = filters;
  if (only !== null) {
    const parts = await filterParts(only, variables, world);
    if (!parts.every((part) => part)) return false;
  }
  return except === null || !(await filterParts(except, variables, world)).some((part) => part);
}

async function filterParts(
  { refs, variables: expressions, changes }: Filter,
  variables: Variables,
  world: RuleWorld,
): Promise<readonly boolean[]> {
  const parts: boolean[] = [];
  if (refs.length > 0) parts.push(refs.some((ref) => refFits(ref, world)));
  if (expressions.length > 0) parts.push(expressions.some((each) => ruleHolds(each, variables)));
  if (changes.length > 0) parts.push(await touches({ paths: changes, compareTo: null }, variables, world));
  return parts;
}

const sources: Readonly<Record<string, StartRequest['source']>> = {
  pushes: 'push',
  web: 'web',
  api: 'api',
  triggers: 'trigger',
  schedules: 'schedule',
};

function refFits(ref: string, { branch, source }: RuleWorld): boolean {
  if (ref === 'branches') return true;
  if (['tags', 'merge_requests', 'external', 'chat'].includes(ref)) return false;
  const named = sources[ref];
  if (named !== undefined) return named === source;
  const [, body, flags] = /^\/(.*)\/(i?)$/.exec(ref) ?? [];
  return body === undefined ? wildcardFits(ref, branch) : new RegExp(body, flags).test(branch);
}
