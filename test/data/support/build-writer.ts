import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { build } from 'vite';

/**
 * The program other processes run, in one file of JavaScript: putting it together once costs less than one process
 * that translates it for itself, and the tests start dozens.
 */
export async function buildWriter(): Promise<string> {
  const root = join(import.meta.dirname, '../../..');
  const folder = join(root, `dist/test/${pid}`);
  await build({
    ...{ root, configFile: false, logLevel: 'warn' },
    ssr: { target: 'node', noExternal: true, external: ['better-sqlite3'] },
    build: {
      ...{ ssr: join(import.meta.dirname, 'writer.ts'), outDir: folder, target: 'node20', minify: false },
      rolldownOptions: { output: { entryFileNames: 'writer.js' } },
    },
  });
  // Renamed into its place, as test files that run beside this one may be starting it.
  const program = join(root, 'dist/test/writer.js');
  renameSync(join(folder, 'writer.js'), program);
  rmSync(folder, { recursive: true });
  return program;
}
