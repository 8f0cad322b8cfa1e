import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Problem } from '../../problems.ts';
import type { CliPorts } from '../ports.ts';
import { paint } from '../print.ts';
import type { Compared } from './compare.ts';

export interface WriteOptions {
  readonly directory: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Writes what is new, and over what differs only after it was shown and agreed to. Answers what stands in the way. */
export async function writeFiles(
  compared: readonly Compared[],
  { directory, force, dryRun }: WriteOptions,
  ports: CliPorts,
): Promise<readonly Problem[]> {
  const differing = compared.filter((file) => file.state === 'differs');
  for (const { diff } of differing) ports.out(`${colored(diff, ports.color)}\n`);
  if (!dryRun && !force && ports.ask === null && differing.length > 0) return [inTheWay(differing)];
  const agreed = new Set<string>();
  for (const { path } of dryRun ? [] : differing)
    if (force || (await ports.ask?.confirm(`Write ${path} as shown above?`)) === true) agreed.add(path);
  for (const file of compared) {
    const write = file.state === 'new' || agreed.has(file.path);
    if (write && !dryRun) {
      const path = join(directory, file.path);
      await makeFolder(dirname(path));
      await writeFile(path, file.text);
    }
    ports.out(`${outcomeOf(file, { write, dryRun })}  ${file.path}\n`);
  }
  return [];
}

/** One folder after the other: Node's own recursion never ends where a file system refuses with “no such file”. */
async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path);
}

function outcomeOf(
  { state }: Compared,
  { write, dryRun }: { readonly write: boolean; readonly dryRun: boolean },
): string {
  switch (state) {
    case 'new':
      return dryRun ? 'would be written ' : 'written          ';
    case 'equal':
      return 'there already    ';
    case 'own':
      return 'yours, left as is';
    case 'differs':
      if (dryRun) return 'differs          ';
      return write ? 'written over     ' : 'left as it was   ';
  }
}

function inTheWay(files: readonly Compared[]): Problem {
  const names = files.map(({ path }) => path).join(', ');
  return {
    code: 'file-exists',
    message: `Nothing was written: ${names} ${files.length === 1 ? 'is' : 'are'} there already, with another content.`,
    hint: 'What would change is shown above. Take it with --force, or run this in a terminal to be asked for each file.',
  };
}

function colored(diff: string, color: boolean): string {
  return diff
    .split('\n')
    .map((line) =>
      line.startsWith('+')
        ? paint(color, 'green', line)
        : line.startsWith('-')
          ? paint(color, 'red', line)
          : line,
    )
    .join('\n');
}
