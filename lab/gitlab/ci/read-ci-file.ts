import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type CiFile, parseCiFile, type Variables } from './ci-file.ts';
import { ciFileIn } from './git.ts';
import { localRunnerArguments, localRunnerComplaint, localRunnerEnvironment } from './local-runner.ts';

/** The file of a checkout with everything worked in that it includes, held against GitLab's schema; or why not. */
export async function readCiFile(options: {
  readonly checkout: string;
  readonly state: string;
  readonly home: string;
  readonly path: string;
  readonly variables: Variables;
}): Promise<{ readonly file: CiFile } | { readonly problem: string }> {
  const { checkout, state, home, path, variables } = options;
  const args = localRunnerArguments({ checkout, state, file: ciFileIn(checkout) });
  const { exitCode, stderr, stdout } = await execa(process.execPath, [...args, '--preview'], {
    cwd: checkout,
    env: localRunnerEnvironment({ path, home }, variables),
    extendEnv: false,
    reject: false,
  });
  if (exitCode !== 0) return { problem: localRunnerComplaint(`${stderr}\n${stdout}`, checkout) };
  try {
    return { file: parseCiFile(await readFile(join(state, 'expanded-gitlab-ci.yml'), 'utf8')) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
