import type { RemoteHost } from '../ports.ts';
import { good, wrong, type Finding } from './finding.ts';

/** Whether a folder of a machine is there and could be written to, without writing. */
export async function folderFinding(
  about: Pick<Finding, 'area' | 'subject'>,
  { host, path }: { readonly host: RemoteHost; readonly path: string },
  { signal, mend }: { readonly signal: AbortSignal; readonly mend: string },
): Promise<Finding> {
  const script = '[ -d "$1" ] || { echo missing; exit 0; }; [ -w "$1" ] && echo writable || echo fixed';
  const { stdout } = await host.run({ script, args: [path], timeoutMs: 9_000 }, signal);
  const { name } = host.entry;
  switch (stdout.trim()) {
    case 'writable':
      return good(about, `is there on ${name} and can be written.`);
    case 'missing':
      return wrong(about, `does not exist on ${name}.`, mend);
    default:
      return wrong(about, `cannot be written on ${name}.`, `Is its disk mounted read-only? ${mend}`);
  }
}
