import { readFile } from 'node:fs/promises';
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
import type { CliPorts } from '../ports.ts';

/** What the stages of a pipeline left. A file is null when its stage was not reached, or left nothing readable. */
export interface StageFiles {
  readonly changes: ChangesFile | null;
  readonly plan: PlanFile | null;
  readonly verification: VerificationFile | null;
  /** Of the last stage that changed something. */
  readonly result: ResultFile | null;
}

export async function readStageFiles(directory: string, ports: CliPorts): Promise<StageFiles> {
  const folder = resolve(ports.directory, directory);
  const texts = await Promise.all(
    ['changes.json', 'plan.json', 'verification.json', 'result.json'].map((name) =>
      readIfThere(join(folder, name)),
    ),
  );
  const [changes, plan, verification, result] = texts;
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
    result: read('result.json', result, parseResultFile),
  };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // its stage was not reached
  }
}
