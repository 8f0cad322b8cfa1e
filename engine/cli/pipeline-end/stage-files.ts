import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  parseChangesFile,
  parsePlanFile,
  parseVerificationFile,
  type ChangesFile,
  type Parsed,
  type PlanFile,
  type VerificationFile,
} from '../../../schema/index.ts';
import { worst } from '../../runner.ts';
import type { Outcome } from '../../types.ts';
import type { CliPorts } from '../ports.ts';

/** What the stages of a pipeline left. A file is null when its stage was not reached, or left nothing readable. */
export interface StageFiles {
  readonly changes: ChangesFile | null;
  readonly plan: PlanFile | null;
  readonly verification: VerificationFile | null;
  readonly result: StageResult | null;
}
/** Of all stages that changed or checked something. */
export interface StageResult {
  /** The last of them. */
  readonly command: string;
  readonly outcome: Outcome;
  readonly services: Readonly<Record<string, Outcome>>;
  readonly problem: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
  readonly deployment: string | null;
}

export async function readStageFiles(directory: string, ports: CliPorts): Promise<StageFiles> {
  const folder = resolve(ports.directory, directory);
  const texts = await Promise.all(
    ['changes.json', 'plan.json', 'verification.json'].map((name) => readIfThere(join(folder, name))),
  );
  const [changes, plan, verification] = texts;
  const unreadable = (name: string): null => {
    ports.err(`${name} is not as a stage writes it, and is left out.\n`);
    return null;
  };
  function read<T>(
    name: string,
    text: string | null | undefined,
    parse: (text: string, file: string) => Parsed<T>,
  ): T | null {
    if (text == null) return null;
    const parsed = parse(text, name);
    return parsed.ok ? parsed.value : unreadable(name);
  }
  return {
    changes: read('changes.json', changes, parseChangesFile),
    plan: read('plan.json', plan, parsePlanFile),
    verification: read('verification.json', verification, parseVerificationFile),
    result: together(await readResults(folder, { ports, unreadable })),
  };
}

/** In the order they run. */
const commands = ['deploy', 'remove', 'traefik', 'dns', 'authentik', 'glance', 'verify', 'rollback'];

/** What each job left; where nobody kept them apart, the last one's. */
async function readResults(
  folder: string,
  { ports, unreadable }: { readonly ports: CliPorts; readonly unreadable: (name: string) => null },
): Promise<readonly StageResult[]> {
  const names = await readdir(join(folder, 'results')).catch((): string[] => []);
  const apart = names.filter((name) => name.endsWith('.json')).map((name) => `results/${name}`);
  const paths = apart.length > 0 ? apart : ['result.json'];
  const read = await Promise.all(
    paths.map(async (path) => {
      const text = await readIfThere(join(folder, path));
      return text === null || isOfAnother(text, ports) ? null : (parseResult(text) ?? unreadable(path));
    }),
  );
  const found = read.filter((result) => result !== null);
  const place = ({ command }: StageResult): number => commands.indexOf(command);
  return found.toSorted((one, other) => place(one) - place(other));
}

/** A runner that keeps its folder may have left those of a pipeline before. */
function isOfAnother(text: string, { env }: CliPorts): boolean {
  const { id } = fieldsOf(fieldsOf(jsonOf(text))['pipeline']);
  const ours = env['CI_PIPELINE_ID'] ?? '';
  return ours !== '' && typeof id === 'number' && String(id) !== ours;
}

/** Each service with the worst that was said of it. */
function together(results: readonly StageResult[]): StageResult | null {
  const last = results.at(-1);
  if (last === undefined) return null;
  const services: Record<string, Outcome> = {};
  for (const result of results)
    for (const [name, outcome] of Object.entries(result.services))
      services[name] = worst([services[name] ?? 'succeeded', outcome]);
  return {
    command: last.command,
    outcome: worst(results.map(({ outcome }) => outcome)),
    services,
    problem: results.find(({ problem }) => problem !== null)?.problem ?? null,
    deployment: results.find(({ deployment }) => deployment !== null)?.deployment ?? null,
  };
}

const outcomes: readonly Outcome[] = [
  'succeeded',
  'degraded',
  'rolled-back',
  'failed',
  'needs-attention',
  'cancelled',
];

function parseResult(text: string): StageResult | null {
  const value = fieldsOf(jsonOf(text));
  const outcome = outcomeOf(value['outcome']);
  if (outcome === null || typeof value['command'] !== 'string') return null;
  const { code, message, hint } = fieldsOf(value['problem']);
  const services = Object.entries(fieldsOf(value['services'])).flatMap(([name, found]) => {
    const each = outcomeOf(found);
    return each === null ? [] : [[name, each] as const];
  });
  return {
    command: value['command'],
    outcome,
    services: Object.fromEntries(services),
    problem:
      typeof code === 'string' && typeof message === 'string'
        ? { code, message, hint: typeof hint === 'string' ? hint : null }
        : null,
    deployment: typeof value['deployment'] === 'string' ? value['deployment'] : null,
  };
}

function outcomeOf(value: unknown): Outcome | null {
  return outcomes.find((outcome) => outcome === value) ?? null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // its stage was not reached
  }
}
