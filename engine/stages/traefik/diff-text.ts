import { createTwoFilesPatch } from 'diff';
import type { ScopedService } from '../../ports.ts';
import type { Decision } from './decide.ts';
import type { FoundFile } from './found-file.ts';
import { leftAt } from './left.ts';

interface Decided {
  readonly scoped: ScopedService;
  readonly decision: Decision;
  readonly files: ReadonlyMap<string, FoundFile>;
}

/** A unified diff for people. Text that is not as we left it is not shown: it may hold secrets. */
export function diffOf({ scoped, decision, files }: Decided, redact: (text: string) => string): string {
  const { step, file } = decision;
  if (step === null) return '';
  const { before } = step;
  const path = (before ?? step.after)?.path ?? '';
  const title = `traefik/${path.slice(path.lastIndexOf('/') + 1)}`;
  const isOurs = before === null || leftAt(scoped, before.host, path)?.content === before.content;
  if (!isOurs)
    return `--- ${title}\n+++ ${title}\n(changed by hand, or not known to be as Sentinel left it; not shown, as it may hold secrets)\n`;
  const old = before === null ? '' : (files.get(path)?.text ?? '');
  const patch = createTwoFilesPatch(
    before === null ? '/dev/null' : title,
    file === null ? '/dev/null' : title,
    old,
    file?.text ?? '',
    undefined,
    undefined,
    { context: 3 },
  );
  return redact(patch.replace(/^=+\n/, ''));
}
