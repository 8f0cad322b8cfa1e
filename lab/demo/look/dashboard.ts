import { readConfiguration, type GlancePage, type Shown } from '../../glance/configuration.ts';
import { mainPath } from '../../glance/program.ts';
import type { LabDashboard } from '../../house/dashboard.ts';
import type { RowView, SystemView } from '../../page/view.ts';

/** What Glance reads from its file: bookmarks and monitored sites by page. */
export async function lookAtGlance(glance: Pick<LabDashboard, 'text'>, isOn: boolean): Promise<SystemView> {
  const text = await glance.text();
  return {
    ...{ id: 'glance', name: 'Glance', kind: 'dashboard', state: isOn ? 'up' : 'down' },
    empty: isOn ? 'Its file cannot be read.' : 'It does not run.',
    rows: isOn ? rowsOf(text) : [],
  };
}

function rowsOf(text: string): readonly RowView[] {
  try {
    const { pages } = readConfiguration(mainPath, { env: {}, read: () => text });
    return pages.flatMap((page) => [
      ...page.bookmarks.map(rowOf(page, 'bookmark')),
      ...page.sites.map(rowOf(page, 'monitor')),
    ]);
  } catch {
    return []; // Glance goes on showing what it read before
  }
}

const rowOf =
  ({ name }: GlancePage, kind: 'bookmark' | 'monitor') =>
  ({ list, title, url }: Shown): RowView => ({
    ...{ key: `${name}/${kind}/${list}/${title}`, text: `${title} → ${url}` },
    ...{ detail: `page ${name}, ${kind} in ${list}`, tone: 'plain' },
  });
