import { createRequire } from 'node:module';
import { basename, dirname, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Variables } from './ci-file.ts';

/** gitlab-ci-local, which reads the files and runs the jobs. */
export const localRunner = createRequire(import.meta.url).resolve('gitlab-ci-local');

/**
 * How it is called in a checkout. Whatever it writes goes to a folder beside it: a job must find nothing in its project
 * that GitLab's runner would not have put there.
 */
export function localRunnerArguments(folders: {
  readonly checkout: string;
  readonly state: string;
  readonly file: string;
}): readonly string[] {
  const beside = (path: string) => relative(folders.checkout, path);
  return [
    localRunner,
    `--file=${beside(folders.file)}`,
    `--state-dir=${beside(folders.state)}`,
    `--home=${dirname(folders.state)}`,
    `--variables-file=${beside(folders.state)}/none.yml`,
    '--evaluate-rule-changes=false',
    '--force-shell-executor',
    '--shell-executor-no-image',
    '--max-job-name-padding=0',
    '--no-color',
  ];
}

/** Its environment is all a job inherits. Variables go this way, as a command line is there for everybody to read. */
export function localRunnerEnvironment(
  options: { readonly path: string; readonly home: string },
  variables: Variables,
): Readonly<Record<string, string>> {
  return {
    PATH: options.path,
    HOME: options.home,
    LANG: 'C.UTF-8',
    ...Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [
        `GCL_VARIABLE_${name}`,
        value.replaceAll('$', '$$$$'),
      ]),
    ),
  };
}

/** Its words for a file it does not take, without where that file lies on this machine. */
export function localRunnerComplaint(output: string, checkout: string): string {
  const lines = stripVTControlCharacters(output)
    .replaceAll(`${checkout}/`, '')
    .replaceAll(checkout, basename(checkout))
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(
      (line) =>
        line !== '' &&
        !/^(Using fallback|Unable to retrieve|git remote|parsing and|json schema|( {2})?Command failed|( {2})?fatal:)/.test(
          line,
        ),
    );
  return lines.join('\n').split('For further troubleshooting')[0]?.trim() ?? '';
}
