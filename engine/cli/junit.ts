import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import junit, { type Builder } from 'junit-report-builder';
import { outDirectory, type OutOptions } from './files.ts';
import type { CliPorts } from './ports.ts';

/** One thing that was checked, for the test report GitLab shows in a merge request. */
export interface Case {
  readonly suite: string;
  readonly name: string;
  readonly file?: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly detail: string;
}
export interface JunitOptions extends OutOptions {
  readonly junit?: string;
}

export const junitHelp = 'file of the JUnit report (default: report.xml in --out, where files are written)';

/** The report as XML. */
export function junitXml(cases: readonly Case[]): string {
  const report = createBuilder();
  for (const suiteName of new Set(cases.map(({ suite }) => suite))) {
    const suite = report.testSuite().name(suiteName);
    for (const { name, file, status, detail } of cases.filter((one) => one.suite === suiteName)) {
      const testCase = suite.testCase().className(suiteName).name(name);
      if (file !== undefined) testCase.file(file);
      if (status === 'failed') testCase.failure(detail);
      if (status === 'skipped') testCase.skipped();
    }
  }
  return report.build();
}

/** Its types tell of a default export; what Node imports is the builder itself. */
function createBuilder(): Builder {
  const found: unknown = junit;
  if (!isBuilder(found)) throw new Error('junit-report-builder is not what it was');
  return found.newBuilder();
}

function isBuilder(value: unknown): value is Builder {
  return typeof value === 'object' && value !== null && 'newBuilder' in value;
}

/** Writes the report where it was asked for, or where files are written at all. */
export async function writeJunit(
  options: JunitOptions,
  ports: CliPorts,
  cases: readonly Case[],
): Promise<void> {
  const directory = outDirectory(options, ports);
  const usual = directory === null ? null : join(directory, 'report.xml');
  const file = options.junit === undefined ? usual : resolve(ports.directory, options.junit);
  if (file === null) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, junitXml(cases));
}
