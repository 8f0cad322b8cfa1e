import type { BotFile } from './bot-file.ts';
import type { ComposeFile } from './compose-file.ts';
import { explain } from './explain.ts';
import type { Parsed, Path, SchemaProblem } from './problem.ts';
import type { ChangesFile, PlanFile, ResultFile, VerificationFile } from './record-files.ts';
import type { SentinelFile } from './sentinel-file.ts';
import { schemas, violations, type SchemaName } from './validators.ts';
import type { ServiceFile } from './service-file.ts';
import { readYaml, type YamlText } from './yaml-text.ts';

/** Layout decides which fields a service file must and must not have. */
export interface ServiceFileOptions {
  readonly layout: 'fleet' | 'single';
}

/** Reads a service file; without a layout only what both layouts agree on is checked. */
export function parseServiceFile(
  text: string,
  file: string,
  options?: ServiceFileOptions,
): Parsed<ServiceFile> {
  return parse<ServiceFile>(
    'service',
    text,
    file,
    options === undefined ? undefined : byLayout(options.layout),
  );
}
/** The name in a service file that is otherwise broken; undefined where even that cannot be told. */
export function readServiceName(text: string): string | undefined {
  const yaml = readYaml(text, '');
  return yaml.ok ? yaml.written(['service', 'name']) : undefined;
}
/** Reads sentinel.yml. */
export function parseSentinelFile(text: string, file: string): Parsed<SentinelFile> {
  return parse<SentinelFile>('sentinel', text, file);
}
/** Reads bot.yml. */
export function parseBotFile(text: string, file: string): Parsed<BotFile> {
  return parse<BotFile>('bot', text, file, oneAddress);
}
/** Reads a compose file a person wrote. */
export function parseComposeFile(text: string, file: string): Parsed<ComposeFile> {
  return parse<ComposeFile>('compose', text, file);
}
/** Reads changes.json. */
export function parseChangesFile(text: string, file: string): Parsed<ChangesFile> {
  return parse<ChangesFile>('changes', text, file);
}
/** Reads verification.json. */
export function parseVerificationFile(text: string, file: string): Parsed<VerificationFile> {
  return parse<VerificationFile>('verification', text, file);
}
/** Reads plan.json. */
export function parsePlanFile(text: string, file: string): Parsed<PlanFile> {
  return parse<PlanFile>('plan', text, file);
}
/** Reads result.json. */
export function parseResultFile(text: string, file: string): Parsed<ResultFile> {
  return parse<ResultFile>('result', text, file);
}

/** A rule JSON Schema cannot say without drowning the person in alternatives. */
type Rule<T> = (value: T, complain: (path: Path, message: string, hint: string) => void) => void;

function parse<T>(name: SchemaName, text: string, file: string, rule?: Rule<T>): Parsed<T> {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const errors = violations(name, yaml.value);
  if (errors.length > 0) return { ok: false, problems: explain(errors, yaml, schemas[name]) };
  const value = yaml.value as T; // the schema has just been satisfied
  const problems = rule === undefined ? [] : obey(rule, value, yaml);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value, locate: yaml.locate };
}

function obey<T>(rule: Rule<T>, value: T, yaml: YamlText): readonly SchemaProblem[] {
  const problems: SchemaProblem[] = [];
  rule(value, (path, message, hint) => {
    problems.push({ kind: 'schema', message, hint, ...yaml.locateKey(path) });
  });
  return problems;
}

/** What only a generated compose file can take from a definition. */
const fleetOnly = Object.keys(schemas.service.$defs.container.properties).filter(
  (key) => !['environment', 'secrets', 'depends_on', 'healthcheck'].includes(key),
);

function byLayout(layout: 'fleet' | 'single'): Rule<ServiceFile> {
  return ({ deployment }, complain) => {
    if (layout === 'fleet') {
      if (deployment.image === undefined)
        complain(
          ['deployment'],
          'deployment: image is required',
          schemas.service.$defs.container.properties.image.description,
        );
      return;
    }
    for (const key of [...fleetOnly, 'containers'].filter((key) => key in deployment))
      complain(
        ['deployment', key],
        `deployment: ${key} has no effect beside a compose file of your own`,
        `set it in config/docker-compose.yml and remove it here`,
      );
  };
}

const addresses = ['url', 'path', 'project', 'group'] as const;

const oneAddress: Rule<BotFile> = ({ repositories }, complain) => {
  for (const [index, section] of repositories.entries()) {
    const where = `repositories[${index}]`;
    const at: Path = ['repositories', index];
    const [first, second] = addresses.filter((address) => section[address] !== undefined);
    if (first === undefined)
      complain(
        at,
        `${where}: url is required`,
        'or project or group, of a GitLab server; or path, for a repository on this machine',
      );
    if (first !== undefined && second !== undefined)
      complain([...at, second], `${where}: ${first} and ${second} exclude each other`, 'keep one of the two');
    if (section.name === undefined && section.group === undefined)
      complain(at, `${where}: name is required`, 'Short name for messages.');
  }
};
