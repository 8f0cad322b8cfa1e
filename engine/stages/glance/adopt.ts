import type { DefinitionEdit } from '../../ports.ts';
import type { Service, StepOf } from '../../types.ts';
import { isVeiled } from './veiled.ts';

/** What of an entry a definition can say itself; the rest follows from the service's route and health check. */
const adoptable = {
  bookmark: ['title', 'url', 'description', 'icon'],
  monitor: ['title', 'icon'],
} as const;

/** The edits that make the definition say what stands on the dashboard; null where it cannot. Pure. */
export function adoptTile(step: StepOf<'glance'>, { tile }: Service): readonly DefinitionEdit[] | null {
  const { before, after } = step;
  if (after === null || tile === null) return null;
  const { kind } = after;
  const section = (key: string, value: DefinitionEdit['value']): DefinitionEdit => ({
    path: ['glance', kind, key],
    value,
  });
  const edits = before === null ? [section('enabled', false)] : changed(step, kind, section);
  return edits === null ? null : [...edits, ...keepingOther(kind, tile)];
}

function changed(
  { changes }: StepOf<'glance'>,
  kind: 'bookmark' | 'monitor',
  section: (key: string, value: DefinitionEdit['value']) => DefinitionEdit,
): readonly DefinitionEdit[] | null {
  const keys: readonly string[] = adoptable[kind];
  if (changes.some(({ what }) => !keys.includes(what))) return null;
  // What was left out for showing cannot be written down.
  if (changes.some(({ before }) => before !== null && isVeiled(before))) return null;
  return changes.map(({ what, before }) => section(what, before));
}

/** A definition that names one kind of entry wants that one only, so the other has to be named beside it. */
function keepingOther(
  kind: 'bookmark' | 'monitor',
  tile: NonNullable<Service['tile']>,
): readonly DefinitionEdit[] {
  if (kind === 'bookmark')
    return tile.monitor === null
      ? []
      : [{ path: ['glance', 'monitor', 'widget'], value: tile.monitor.widget }];
  return tile.bookmark === null
    ? []
    : [{ path: ['glance', 'bookmark', 'group'], value: tile.bookmark.group }];
}
