import type { DefinitionEdit } from '../../ports.ts';
import type { SignOnState, StepOf } from '../../types.ts';

/** What a definition can say in its own words. */
const sayable = ['name', 'group', 'icon'] as const satisfies readonly (keyof SignOnState)[];

/** The edits that make the definition say what Authentik has; null where it has no words for that. */
export function adoptSignOn({ before, after }: StepOf<'authentik'>): readonly DefinitionEdit[] | null {
  if (after === null) return null;
  if (before === null) return [{ path: ['authentik', 'enabled'], value: false }];
  const agreed = { ...after, name: before.name, group: before.group, icon: before.icon };
  if (JSON.stringify(sorted(agreed)) !== JSON.stringify(sorted(before))) return null;
  return sayable.flatMap((key) =>
    before[key] === after[key] ? [] : [{ path: ['authentik', key], value: before[key] }],
  );
}

function sorted(state: SignOnState): readonly unknown[] {
  const { slug, name, group, launchUrl, icon, outpost, provider } = state;
  const entries = Object.entries(provider ?? {}).toSorted(([a], [b]) => a.localeCompare(b));
  return [slug, name, group, launchUrl, icon, outpost, entries];
}
