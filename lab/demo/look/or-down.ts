import type { SystemView } from '../../page/view.ts';

/** Looks at one system; one that cannot be looked at is down, and hides no other. */
export async function orDown(
  system: Pick<SystemView, 'id' | 'name' | 'kind'>,
  look: () => SystemView | Promise<SystemView>,
): Promise<SystemView> {
  try {
    return await look();
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return { ...system, state: 'down', empty: `It cannot be looked at: ${why}`, rows: [] };
  }
}
