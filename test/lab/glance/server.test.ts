import { expect, test } from 'vitest';
import { startGlanceServer } from '../../../lab/glance/server.ts';
import { eventually } from '../../eventually.ts';

const page = (title: string) => `- name: ${title}\n  columns:\n    - size: full\n`;

test('the stand-in watches files it is given, and keeps what was valid when they no longer are', async () => {
  const files = new Map([
    ['/c/glance.yml', 'pages:\n  $include: home.yml\n'],
    ['/c/home.yml', page('First')],
  ]);
  const read = (path: string) => Promise.resolve(files.get(path));
  const glance = await startGlanceServer({ main: '/c/glance.yml', read, everyMs: 5 });
  const shows = async (text: string) => (await (await fetch(glance.url)).text()).includes(text);
  try {
    expect(await shows('First')).toBe(true);
    files.set('/c/home.yml', page('Second'));
    await eventually(() => shows('Second'));
    files.set('/c/home.yml', 'columns: [');
    await eventually(() => glance.said.some((line) => line.startsWith('Config has errors')));
    expect(await shows('Second')).toBe(true);
  } finally {
    await glance.close();
  }
  await expect(startGlanceServer({ main: '/c/glance.yml', read })).rejects.toThrow('Config file is invalid');
});
