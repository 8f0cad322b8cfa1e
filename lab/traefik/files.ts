import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorldHost } from '../world.ts';

/** Files below a directory of this machine, as a simulated host's are; empty when it is not there. */
export async function filesOnDisk(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink());
  const texts = await Promise.all(
    files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      // It may go between listing and reading.
      const text = await readFile(path, 'utf8').catch(() => null);
      return text === null ? [] : [[path, text] as const];
    }),
  );
  return new Map(texts.flat());
}

/** The same on any host of a world, read on the host itself. */
export async function filesOnHost(
  host: Pick<WorldHost, 'exec'>,
  directory: string,
): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await host.exec(
    `find -L '${directory}' -type f 2>/dev/null | while IFS= read -r file; do printf '%s\\n' "$file"; base64 < "$file" | tr -d '\\n'; printf '\\n'; done`,
  );
  const lines = stdout.split('\n');
  const found = new Map<string, string>();
  for (let at = 0; at + 1 < lines.length; at += 2)
    found.set(lines[at] ?? '', Buffer.from(lines[at + 1] ?? '', 'base64').toString('utf8'));
  return found;
}
