import { parse } from 'yaml';
import { flag, list, object, text, texts, type Shape } from './shape.ts';

export type Variables = Readonly<Record<string, string>>;
/** For every exit code, for none, or for these. */
export type AllowFailure = boolean | readonly number[];

/** A `.gitlab-ci.yml` with includes, `extends`, `!reference` and defaults worked in. */
export interface CiFile {
  readonly stages: readonly string[];
  readonly variables: Variables;
  readonly workflow: readonly Rule[] | null;
  readonly jobs: readonly JobDefinition[];
}
export interface Rule {
  readonly if: string | null;
  readonly changes: { readonly paths: readonly string[]; readonly compareTo: string | null } | null;
  readonly exists: readonly string[] | null;
  readonly when: string | null;
  readonly startIn: string | null;
  readonly allowFailure: AllowFailure | null;
  readonly variables: Variables;
  readonly needs: readonly Need[] | null;
}
export interface Need {
  readonly job: string;
  readonly artifacts: boolean;
  readonly optional: boolean;
}
/** `only` or `except`. */
export interface Filter {
  readonly refs: readonly string[];
  readonly variables: readonly string[];
  readonly changes: readonly string[];
}
export interface JobDefinition {
  readonly name: string;
  readonly stage: string;
  readonly when: string;
  readonly startIn: string | null;
  readonly allowFailure: AllowFailure | null;
  readonly rules: readonly Rule[] | null;
  readonly only: Filter | null;
  readonly except: Filter | null;
  readonly variables: Variables;
  readonly inherits: boolean | readonly string[];
  readonly environment: string | null;
  readonly needs: readonly Need[] | null;
  readonly dependencies: readonly string[] | null;
  readonly artifacts: Artifacts;
  readonly retry: { readonly max: number; readonly when: readonly string[] };
  readonly resourceGroup: string | null;
  readonly timeout: string | null;
  readonly beforeScript: readonly string[];
  readonly script: readonly string[];
  readonly afterScript: readonly string[];
}
export interface Artifacts {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly when: string;
  readonly dotenv: readonly string[];
  readonly junit: readonly string[];
}

const keywords = [
  'include',
  'image',
  'services',
  'stages',
  'before_script',
  'default',
  'after_script',
  'variables',
  'cache',
  'workflow',
  'spec',
];

/** Reads what gitlab-ci-local made of the file; it has been held against GitLab's schema by then. */
export function parseCiFile(yaml: string): CiFile {
  const file = object(parse(yaml, { maxAliasCount: -1 }));
  const usual = object(file['default']);
  const workflow = object(file['workflow']);
  return {
    stages: texts(file['stages']),
    variables: parseVariables(file['variables']),
    workflow: workflow['rules'] === undefined ? null : list(workflow['rules']).map(parseRule),
    jobs: Object.entries(file)
      .filter(([name]) => !keywords.includes(name) && !name.startsWith('.'))
      .map(([name, job]) => parseJob(name, { ...inherited(usual, object(job)), ...object(job) })),
  };
}

/** What gitlab-ci-local does not hand on from `default` by itself. */
function inherited(usual: Shape, job: Shape): Shape {
  const wanted = object(job['inherit'])['default'] ?? true;
  if (wanted === false) return {};
  const names = ['retry', 'timeout'].filter((name) => wanted === true || texts(wanted).includes(name));
  return Object.fromEntries(
    names.filter((name) => usual[name] !== undefined).map((name) => [name, usual[name]]),
  );
}

function parseJob(name: string, job: Shape): JobDefinition {
  for (const word of ['parallel', 'trigger', 'run'])
    if (job[word] !== undefined) throw new Error(`jobs:${name}: the lab does not run \`${word}\``);
  const environment = job['environment'];
  const inherits = object(job['inherit'])['variables'];
  return {
    name,
    stage: text(job['stage']) ?? 'test',
    when: text(job['when']) ?? 'on_success',
    startIn: text(job['start_in']),
    allowFailure: parseAllowFailure(job['allow_failure']),
    rules: job['rules'] === undefined ? null : list(job['rules']).map(parseRule),
    only: parseFilter(job['only']),
    except: parseFilter(job['except']),
    variables: parseVariables(job['variables']),
    inherits: Array.isArray(inherits) ? texts(inherits) : inherits !== false,
    environment: text(environment) ?? text(object(environment)['name']),
    needs: job['needs'] === undefined ? null : list(job['needs']).map(parseNeed),
    dependencies: job['dependencies'] === undefined ? null : texts(job['dependencies']),
    artifacts: parseArtifacts(object(job['artifacts'])),
    retry: parseRetry(job['retry']),
    resourceGroup: text(job['resource_group']),
    timeout: text(job['timeout']),
    beforeScript: texts(job['before_script']),
    script: texts(job['script']),
    afterScript: texts(job['after_script']),
  };
}

function parseRule(value: unknown): Rule {
  const rule = object(value);
  const changes = rule['changes'];
  const exists = rule['exists'];
  return {
    if: text(rule['if']),
    changes:
      changes === undefined
        ? null
        : {
            paths: Array.isArray(changes) ? texts(changes) : texts(object(changes)['paths']),
            compareTo: text(object(changes)['compare_to']),
          },
    exists:
      exists === undefined ? null : Array.isArray(exists) ? texts(exists) : texts(object(exists)['paths']),
    when: text(rule['when']),
    startIn: text(rule['start_in']),
    allowFailure: parseAllowFailure(rule['allow_failure']),
    variables: parseVariables(rule['variables']),
    needs: rule['needs'] === undefined ? null : list(rule['needs']).map(parseNeed),
  };
}

function parseNeed(value: unknown): Need {
  const need = object(value);
  return {
    job: text(value) ?? text(need['job']) ?? '',
    artifacts: flag(need['artifacts'], true),
    optional: flag(need['optional'], false),
  };
}

function parseFilter(value: unknown): Filter | null {
  if (value === undefined) return null;
  if (typeof value === 'string' || Array.isArray(value))
    return { refs: texts(value), variables: [], changes: [] };
  const filter = object(value);
  return {
    refs: texts(filter['refs']),
    variables: texts(filter['variables']),
    changes: texts(filter['changes']),
  };
}

function parseArtifacts(artifacts: Shape): Artifacts {
  const reports = object(artifacts['reports']);
  return {
    paths: texts(artifacts['paths']),
    exclude: texts(artifacts['exclude']),
    when: text(artifacts['when']) ?? 'on_success',
    dotenv: texts(reports['dotenv']),
    junit: texts(reports['junit']),
  };
}

function parseRetry(value: unknown): JobDefinition['retry'] {
  if (typeof value === 'number') return { max: value, when: ['always'] };
  const { max, when } = object(value);
  return { max: typeof max === 'number' ? max : 0, when: when === undefined ? ['always'] : texts(when) };
}

function parseAllowFailure(value: unknown): AllowFailure | null {
  if (typeof value === 'boolean') return value;
  const codes = object(value)['exit_codes'];
  if (codes === undefined) return null;
  return list(codes).filter((code) => typeof code === 'number');
}

function parseVariables(value: unknown): Variables {
  return Object.fromEntries(
    Object.entries(object(value)).map(([name, each]) => [
      name,
      text(each) ?? text(object(each)['value']) ?? '',
    ]),
  );
}
