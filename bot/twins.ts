import type { Log } from '../engine/index.ts';
import { ProblemError } from '../engine/index.ts';

/** Something with a name people and the record tell it apart by. */
export interface Named {
  readonly name: string;
  /** The group of GitLab it was found in; null where bot.yml names it. */
  readonly group: string | null;
}

/**
 * Refuses names that bot.yml gives twice. What a group has is for others to decide: a project there whose name is taken
 * is left out, and everything else goes on.
 */
export function withoutTwins<T extends Named>(all: readonly T[], log: Pick<Log, 'error'>): readonly T[] {
  const chosen = all.filter(({ group }) => group === null).map(({ name }) => name);
  const twin = chosen.find((name, place) => chosen.indexOf(name) !== place);
  if (twin !== undefined) throw new ProblemError(twice(twin));
  const taken = new Set(chosen);
  return all.filter(({ name, group }) => {
    if (group === null) return true;
    if (taken.has(name)) {
      log.error(
        { group, name },
        'a project of a group is left out: its name is taken; rename it or give its group a `name`',
      );
      return false;
    }
    taken.add(name);
    return true;
  });
}

const twice = (name: string) =>
  ({
    code: 'configuration-invalid',
    message: `Two repositories are called ${name}.`,
    hint: 'Give one a `name` of its own in bot.yml; that of a group goes before the names of its projects.',
  }) as const;
