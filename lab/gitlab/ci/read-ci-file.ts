import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type CiFile, parseCiFile, type Variables } from './ci-file.ts';
import { ciFileIn } from './git.ts';
import { localRunnerArguments, localRunnerComplaint, localRunnerEnvironment } from './local-runner.ts';

export interface ReadOptions {
  readonly checkout: string;
  readonly state: string;
  readonly home: string;
  readonly path: string;
  readonly variables: Variables;
}
export type CiFileReader = (
  options: ReadOptions,
) => Promise<{ readonly file: CiFile } | { readonly problem: string }>;

/**
 * Reads the file of a checkout with everything worked in that it includes, held against GitLab's schema; or tells why
 * GitLab would not take it. The schema is most of that work, so what was once found good is not held against it again.
 */
export function createCiFileReader(): CiFileReader {
  const good = new Set<string>();
  return async (options) => {
    const { checkout, state } = options;
    const expanded = () => readFile(join(state, 'expanded-gitlab-ci.yml'), 'utf8');
    const main = digest(await readFile(ciFileIn(checkout), 'utf8'));
    if (good.has(main)) {
      const quick = await preview(options, ['--json-schema-validation=false']);
      if (quick !== null) return { problem: quick };
    }
    if (!good.has(main) || !good.has(digest(await expanded()))) {
      const thorough = await preview(options, []);
      if (thorough !== null) return { problem: thorough };
    }
    const yaml = await expanded();
    good.add(main).add(digest(yaml));
    return parsed(yaml);
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What is wrong with the file, or null. */
async function preview(options: ReadOptions, more: readonly string[]): Promise<string | null> {
  const { checkout, state, home, path, variables } = options;
  const args = localRunnerArguments({ checkout, state, file: ciFileIn(checkout) });
  const { exitCode, stderr } = await execa(process.execPath, [...args, ...more, '--preview'], {
    cwd: checkout,
    env: localRunnerEnvironment({ path, home }, variables),
    extendEnv: false,
    reject: false,
  });
  return exitCode === 0 ? null : localRunnerComplaint(stderr, checkout);
}

function parsed(yaml: string): { readonly file: CiFile } | { readonly problem: string } {
  try {
    return { file: parseCiFile(yaml) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
