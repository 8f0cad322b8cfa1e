import type { GlanceConfiguration, Shown } from './configuration.ts';

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What a browser gets for an address. */
export function pageAt(
  { pages }: GlanceConfiguration,
  path: string,
): { readonly status: number; readonly body: string } {
  const slug = (path.split('?')[0] ?? '').replace(/^\/|\/$/g, '');
  if (slug === 'api/healthz') return { status: 200, body: '' };
  const page = slug === '' ? pages[0] : pages.find((one) => one.slug === slug);
  if (page === undefined) return { status: 404, body: 'Page not found\n' };
  const entry = (kind: string) => (shown: Shown) =>
    `<li class="${kind}" title="${escape(shown.description)}">${escape(shown.list)}: <a href="${escape(shown.url)}">${escape(shown.title)}</a></li>`;
  const lines = [...page.bookmarks.map(entry('bookmark')), ...page.sites.map(entry('site'))];
  return { status: 200, body: `<h1>${escape(page.name)}</h1>\n<ul>\n${lines.join('\n')}\n</ul>\n` };
}
