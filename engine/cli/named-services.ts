import type { ChangesFile } from '../../schema/index.ts';
import { filled } from './repository-options.ts';
import type { CliPorts } from './ports.ts';

/** The services everything is limited to: those on the command line, else those of `$SENTINEL_SERVICES`; null: no limit. */
export function namedServices(
  given: readonly string[],
  { env }: Pick<CliPorts, 'env'>,
): readonly string[] | null {
  const names = given.length > 0 ? given : (filled(env['SENTINEL_SERVICES'])?.split(/[\s,]+/) ?? []);
  const wanted = [...new Set(names.filter((name) => name !== ''))];
  return wanted.length > 0 ? wanted : null;
}

/** The same changes with only these services in them. */
export function limitChanges(changes: ChangesFile, names: readonly string[] | null): ChangesFile {
  if (names === null) return changes;
  const deploy = changes.deploy.filter(({ name }) => names.includes(name));
  const remove = changes.remove.filter(({ name }) => names.includes(name));
  const added = deploy.filter(({ action }) => action === 'add').length;
  return {
    ...changes,
    ...{ deploy, remove, added, modified: deploy.length - added, deleted: remove.length },
    total: deploy.length + remove.length,
  };
}
