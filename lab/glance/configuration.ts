import { parseDocument } from 'yaml';
import { ConfigurationError, putIncludes, putVariables, type ReadFile } from './includes.ts';

/** What a dashboard shows, as far as people look for services there. */
export interface GlanceConfiguration {
  readonly files: readonly string[];
  readonly pages: readonly GlancePage[];
}
export interface GlancePage {
  readonly name: string;
  readonly slug: string;
  readonly bookmarks: readonly Shown[];
  readonly sites: readonly Shown[];
}
export interface Shown {
  /** Title of the group, or of the widget. */
  readonly list: string;
  readonly title: string;
  readonly url: string;
  readonly icon: string;
  readonly description: string;
  /** What the monitor asks. */
  readonly checkUrl: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads a configuration as Glance does; anything wrong refuses all of it. Throws ConfigurationError. */
export function readConfiguration(
  main: string,
  outside: { readonly env: Readonly<Record<string, string>>; readonly read: ReadFile },
): GlanceConfiguration {
  const { text, files } = putIncludes(main, outside.read);
  const document = parseDocument(putVariables(text, outside), { merge: true, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const line = text.slice(0, error.pos[0]).split('\n').length;
    throw new ConfigurationError(`yaml: line ${line}: ${error.message}`);
  }
  const root = fields(document.toJS({ maxAliasCount: -1 }));
  const auth = fields(root['auth']);
  if (Object.keys(fields(auth['users'])).length > 0 && word(auth['secret-key']) === '')
    throw new ConfigurationError('secret-key must be set when users are configured');
  const pages = list(root['pages']);
  if (pages.length === 0) throw new ConfigurationError('no pages configured');
  return { files, pages: pages.map((page, index) => readPage(fields(page), index + 1)) };
}

function readPage(page: Fields, number: number): GlancePage {
  const name = word(page['name']);
  if (name === '') throw new ConfigurationError(`page ${number} has no name`);
  const width = word(page['width']);
  if (!['', 'default', 'wide', 'slim'].includes(width))
    throw new ConfigurationError(`page ${number}: width can only be either wide or slim`);
  const columns = list(page['columns']).map(fields);
  if (columns.length === 0) throw new ConfigurationError(`page ${number} has no columns`);
  if (columns.length > (width === 'slim' ? 2 : 3))
    throw new ConfigurationError(`page ${number} has more than ${width === 'slim' ? 2 : 3} columns`);
  const sizes = columns.map(({ size }) => word(size));
  sizes.forEach((size, index) => {
    if (size !== 'small' && size !== 'full')
      throw new ConfigurationError(
        `column ${index + 1} of page ${number}: size can only be either small or full`,
      );
  });
  const full = sizes.filter((size) => size === 'full').length;
  if (full < 1 || full > 2)
    throw new ConfigurationError(`page ${number} must have either 1 or 2 full width columns`);
  const widgets = [...list(page['head-widgets']), ...columns.flatMap((column) => list(column['widgets']))];
  const shown = widgets.map((widget) => readWidget(fields(widget), null));
  const slug = word(page['slug']) || name.toLowerCase().trim().replace(/\s+/g, '-');
  return {
    name,
    slug,
    bookmarks: shown.flatMap(({ bookmarks }) => bookmarks),
    sites: shown.flatMap(({ sites }) => sites),
  };
}

type Widgets = Pick<GlancePage, 'bookmarks' | 'sites'>;

const known = new Set(
  'bookmarks calendar calendar-legacy change-detection clock custom-api dns-stats docker-containers extension group hacker-news html iframe lobsters markets monitor reddit releases repository rss search server-stats split-column to-do twitch-channels twitch-top-games videos weather'.split(
    ' ',
  ),
);

function readWidget(widget: Fields, within: string | null): Widgets {
  const type = word(widget['type']);
  if (!known.has(type)) throw new ConfigurationError(`unknown widget type: ${type}`);
  const cache = word(widget['cache']);
  if (cache !== '' && !/^\d+[smhd]$/.test(cache))
    throw new ConfigurationError(`invalid duration format: ${cache}`);
  if (within === 'group' && (type === 'group' || type === 'split-column'))
    throw new ConfigurationError(`nested groups are not supported`);
  const nested = list(widget['widgets']).map((inner) => readWidget(fields(inner), type));
  const groups = type === 'bookmarks' ? list(widget['groups']).map(fields) : [];
  const sites = type === 'monitor' ? list(widget['sites']) : [];
  return {
    bookmarks: [
      ...groups.flatMap((group) =>
        list(group['links']).map((link) => readShown(fields(link), word(group['title']))),
      ),
      ...nested.flatMap(({ bookmarks }) => bookmarks),
    ],
    sites: [
      ...sites.map((site) => readShown(fields(site), word(widget['title']) || 'Monitor')),
      ...nested.flatMap((inner) => inner.sites),
    ],
  };
}

function readShown(entry: Fields, holder: string): Shown {
  const [title, url] = [word(entry['title']), word(entry['url'])];
  if (title === '' || url === '')
    throw new ConfigurationError(`an entry of ${holder} has no title or no URL`);
  const codes = entry['alt-status-codes'];
  if (codes !== undefined && list(codes).some((code) => !Number.isInteger(code)))
    throw new ConfigurationError(`cannot unmarshal alt-status-codes of ${title} into []int`);
  return {
    list: holder,
    title,
    url,
    icon: word(entry['icon']),
    description: word(entry['description']),
    checkUrl: word(entry['check-url']) || url,
  };
}

function fields(value: unknown): Fields {
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new ConfigurationError(`cannot unmarshal ${JSON.stringify(value)} into a mapping`);
  return value as Fields;
}

function list(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value))
    throw new ConfigurationError(`cannot unmarshal ${JSON.stringify(value)} into a list`);
  return value;
}

function word(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object')
    throw new ConfigurationError('cannot unmarshal a list or mapping into a string');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
