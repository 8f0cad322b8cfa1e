import { describe, expect, it } from 'vitest';
import { markSystems, nextEnd } from '../../../../lab/page/client/panel/marking.ts';
import type { RowView, SystemView } from '../../../../lab/page/view.ts';

const row = (key: string, text = key): RowView => ({ key, text, detail: null, tone: 'plain' });
const host = (rows: readonly RowView[], state: SystemView['state'] = 'up'): readonly SystemView[] => [
  { id: 'atlas', name: 'atlas', kind: 'host', state, empty: 'Nothing.', rows },
];
const marks = (marked: ReturnType<typeof markSystems>) =>
  marked['atlas']!.map(({ text, mark }) => `${text} ${mark ?? '-'}`);

describe('rows of the homelab', () => {
  const first = markSystems(null, host([row('a'), row('b'), row('c')]), 0);

  it('are not marked when they are first seen', () => {
    expect(marks(first)).toEqual(['a -', 'b -', 'c -']);
    expect(nextEnd(first)).toBeNull();
  });

  it('are marked for some seconds when new, changed or gone; one that is gone stays where it was', () => {
    const changed = markSystems(first, host([row('a', 'A'), row('c'), row('d')]), 1000);
    expect(marks(changed)).toEqual(['A changed', 'b gone', 'c -', 'd new']);
    const same = markSystems(changed, host([row('a', 'A'), row('c'), row('d')]), 2000);
    expect(marks(same)).toEqual(marks(changed));
    expect(nextEnd(same)).toBe(7000);
    const later = markSystems(same, host([row('a', 'A'), row('c'), row('d')]), 8000);
    expect(marks(later)).toEqual(['A -', 'c -', 'd -']);
  });

  it('are new again when they come back', () => {
    const gone = markSystems(first, host([row('a'), row('c')]), 1000);
    expect(marks(markSystems(gone, host([row('a'), row('b'), row('c')]), 1500))).toContain('b new');
  });

  it('are not gone because nobody can ask their system', () => {
    const down = markSystems(first, host([], 'down'), 1000);
    const up = markSystems(down, host([row('a'), row('b'), row('c')]), 2000);
    expect(marks(up)).toEqual(['a -', 'b -', 'c -']);
  });
});
