import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  parseChangesFile,
  parsePlanFile,
  parseResultFile,
  parseVerificationFile,
  type ChangesFile,
  type Parsed,
  type PlanFile,
  type ResultFile,
  type VerificationFile,
} from '../../../schema/index.ts';
import { worst } from '../../worst.ts';
import type { Outcome } from '../../types.ts';
import type { CliPorts } from '../ports.ts';

/** What the stages of a pipeline left. A file is null when its stage was not reached, or left nothing readable. */
export interface StageFiles {
  readonly changes: ChangesFile | null;
  readonly plan: PlanFile | null;
  readonly verification: VerificationFile | null;
  /** Of all stages that changed or checked something, taken together; command and deployment are the last one's and the first one's. */
  readonly result: ResultFile | null;
}

export async function readStageFiles(directory: string, ports: CliPorts): Promise<StageFiles> {
  const folder = resolve(ports.directory, directory);
  const texts = await Promise.all(
    ['changes.json', 'plan.json', 'verification.json'].map((name) => readIfThere(join(folder, name))),
  );
  const [changes, plan, verification] = texts;
  function read<T>(
    name: string,
    text: string | null | undefined,
    parse: (text: string, file: string) => Parsed<T>,
  ): T | null {
    if (text == null) return null;
    const parsed = parse(text, name);
    if (parsed.ok) return parsed.value;
    ports.err(`${name} is not as a stage writes it, and is left out.\n`);
    return null;
  }
  return {
    changes: read('changes.json', changes, parseChangesFile),
    plan: read('plan.json', plan, parsePlanFile),
    verification: read('verification.json', verification, parseVerificationFile),
    result: together(await readResults(folder, { env: ports.env, read })),
  };
}

/** In the order they run. */
const commands = ['deploy', 'remove', 'traefik', 'dns', 'authentik', 'glance', 'verify', 'rollback'];

/** What each job left; where nobody kept them apart, the last one's. A runner that keeps its folder may have left those of a pipeline before. */
async function readResults(
  folder: string,
  {
    env,
    read,
  }: {
    readonly env: CliPorts['env'];
    readonly read: (
      name: string,
      text: string | null,
      parse: (text: string, file: string) => Parsed<ResultFile>,
    ) => ResultFile | null;
  },
): Promise<readonly ResultFile[]> {
  const names = await readdir(join(folder, 'results')).catch((): string[] => []);
  const apart = names.filter((name) => name.endsWith('.json')).map((name) => `results/${name}`);
  const paths = apart.length > 0 ? apart : ['result.json'];
  const found = await Promise.all(
    paths.map(async (path) => read(path, await readIfThere(join(folder, path)), parseResultFile)),
  );
  const ours = env['CI_PIPELINE_ID'] ?? '';
  const place = ({ command }: ResultFile): number => commands.indexOf(command);
  return found
    .filter((result) => result !== null)
    .filter(({ pipeline }) => ours === '' || pipeline === undefined || String(pipeline.id) === ours)
    .toSorted((one, other) => place(one) - place(other));
}

/** Each service with the worst that was said of it. */
function together(results: readonly ResultFile[]): ResultFile | null {
  const last = results.at(-1);
  if (last === undefined) return null;
  const services: Record<string, Outcome> = {};
  for (const result of results)
    for (const [name, outcome] of Object.entries(result.services))
      services[name] = worst([services[name] ?? 'succeeded', outcome]);
  return {
    ...last,
    outcome: worst(results.map(({ outcome }) => outcome)),
    services,
    problem: results.find(({ problem }) => problem !== null)?.problem ?? null,
    deployment: results.find(({ deployment }) => deployment !== null)?.deployment ?? null,
  };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // its stage was not reached
  }
}
