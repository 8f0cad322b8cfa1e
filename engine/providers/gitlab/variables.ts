import type { Gitlab } from './gitlab.ts';
import { readAll } from './shapes.ts';

/** CI/CD variables as a job of one environment would see them. Holds secret values: for a resolver and nothing else. */
export interface GitlabVariables {
  readonly values: Readonly<Record<string, string>>;
  /** Names whose value GitLab keeps to itself: created as “hidden”. */
  readonly unreadable: readonly string[];
  /** Names whose value GitLab keeps out of logs. */
  readonly masked: readonly string[];
}
export interface VariableHolders {
  /** From the outermost inwards: what a later one has wins. */
  readonly groups: readonly (number | string)[];
  /** They win over every group; a later one over an earlier. */
  readonly projects: readonly (number | string)[];
}

interface Variable {
  readonly key: string;
  readonly value: string | null;
  readonly masked: boolean;
  readonly scope: string;
}

const pages = { perPage: 100, maxPages: 20 };

/** The most telling scope wins within a project or group, then the nearest of these, as in GitLab. */
export async function readVariables(
  gitlab: Gitlab,
  { holders, environment }: { readonly holders: VariableHolders; readonly environment: string },
  signal: AbortSignal,
): Promise<GitlabVariables> {
  const { groupVariables, projectVariables } = gitlab.api(signal);
  const lists: readonly unknown[] = await Promise.all([
    ...holders.groups.map((group) => groupVariables.all(group, pages)),
    ...holders.projects.map((project) => projectVariables.all(project, pages)),
  ]);
  const found = new Map<string, Variable>();
  for (const list of lists)
    for (const variable of inEnvironment(parse(list), environment)) found.set(variable.key, variable);
  const all = [...found.values()];
  return {
    values: Object.fromEntries(all.flatMap(({ key, value }) => (value === null ? [] : [[key, value]]))),
    unreadable: all.flatMap(({ key, value }) => (value === null ? [key] : [])),
    masked: all.flatMap(({ key, value, masked }) => (masked && value !== null ? [key] : [])),
  };
}

/** A variable of type `file` holds the content of that file. */
function parse(list: unknown): readonly Variable[] {
  return readAll(list).map((variable) => ({
    key: variable.text('key'),
    value: variable.flag('hidden') ? null : variable.textOr('value', null),
    masked: variable.flag('masked') || variable.flag('hidden'),
    scope: variable.textOr('environment_scope', '*'),
  }));
}

/** Those that count in an environment, the one that wins last. */
export function inEnvironment<V extends { readonly scope: string }>(
  variables: readonly V[],
  environment: string,
): readonly V[] {
  const weight = ({ scope }: V): number => (scope === environment ? Infinity : scope.length);
  return variables
    .filter(({ scope }) => matches(scope, environment))
    .sort((one, other) => (weight(one) < weight(other) ? -1 : Number(weight(one) > weight(other))));
}

/** `*` stands for any text, everything else for itself. */
function matches(scope: string, environment: string): boolean {
  const parts = scope.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(environment);
}
