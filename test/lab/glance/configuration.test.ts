import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../lab/glance/configuration.ts';

const read = (files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) =>
  readConfiguration('/app/config/glance.yml', {
    env,
    read: (path) => files[path.replace('/app/config/', '')],
  });
const page = (widgets: string, more = '') =>
  `pages:\n  - name: Home\n${more}    columns:\n      - size: full\n        widgets:\n${widgets.replace(/^(?=.)/gm, '          ')}`;
const one = (text: string, env: Readonly<Record<string, string>> = {}) => read({ 'glance.yml': text }, env);

describe("the stand-in's configuration", () => {
  test('shows bookmarks and sites wherever they are', () => {
    const nested =
      '- type: group\n  widgets:\n    - type: monitor\n      title: Up\n      sites:\n        - {title: A, url: http://a}\n';
    const links = '- type: bookmarks\n  groups:\n    - links:\n        - title: B\n          url: http://b\n';
    const [home] = one(page(nested + links)).pages;
    expect(home?.sites).toMatchObject([{ list: 'Up', title: 'A', checkUrl: 'http://a' }]);
    expect(home?.bookmarks).toMatchObject([{ list: '', title: 'B', url: 'http://b' }]);
  });

  test('puts in included text with its indentation, and a list item goes with its dash', () => {
    const { pages, files } = read({
      'glance.yml': 'pages:\n  - $include: pages/home.yml\n',
      'pages/home.yml':
        '- name: One\n  columns:\n    - size: full\n      !include: more.yml\n- name: Two\n  columns: [{size: full}]\n',
      'pages/more.yml': 'widgets:\n  - type: clock',
    });
    expect(pages.map(({ slug }) => slug)).toEqual(['one', 'two']);
    expect(files).toHaveLength(3);
  });

  test('puts in values, comments included, and leaves those with a backslash', () => {
    const text = page(
      '- type: bookmarks # ${A}\n  groups:\n    - links:\n        - title: ${A} \\${A}\n          url: http://a\n',
    );
    expect(one(text, { A: 'x' }).pages[0]?.bookmarks[0]?.title).toBe('x ${A}');
    expect(() => one(text)).toThrow('environment variable A not found');
  });

  test.each([
    ['pages: []\n', 'no pages configured'],
    ['pages:\n  - columns: [{size: full}]\n', 'has no name'],
    ['pages:\n  - name: A\n', 'has no columns'],
    ['pages:\n  - name: A\n    columns: [{size: big}]\n', 'small or full'],
    ['pages:\n  - name: A\n    columns: [{size: small}]\n', '1 or 2 full'],
    [
      'pages:\n  - name: A\n    columns: [{size: full},{size: small},{size: small},{size: small}]\n',
      'more than 3',
    ],
    [
      'pages:\n  - name: A\n    width: slim\n    columns: [{size: full},{size: small},{size: small}]\n',
      'more than 2',
    ],
    [`auth:\n  users: {me: {password: x}}\n${page('- type: clock\n')}`, 'secret-key'],
    [page('- type: nonsense\n'), 'unknown widget type'],
    [page('- type: clock\n  cache: soon\n'), 'invalid duration'],
    [page('- type: group\n  widgets:\n    - type: group\n'), 'nested groups'],
    [page('- type: monitor\n  sites:\n    - title: A\n'), 'no title or no URL'],
    ['a: 1\na: 2\n', 'yaml: line'],
    ['$include: gone.yml\n', 'no such file'],
    ['$include: glance.yml\n', 'recursion depth'],
  ])('refuses the whole of it: %j', (text, words) => {
    expect(() => one(text)).toThrow(words);
  });
});
