import { describe, expect, test } from 'vitest';
import { code, collapse, fence, prose, tail, took, words } from '../../../bot/render/text.ts';

describe('outside text', () => {
  test('cannot format, link or make a heading', () => {
    expect(words('# *bold* _under_ [text](https://evil.test) `code` ~~gone~~ ||spoiler||')).toBe(
      String.raw`\# \*bold\* \_under\_ \[text](https://evil.test) \`code\` \~\~gone\~\~ \|\|spoiler\|\|`,
    );
  });

  test('cannot mention anybody, pretend a time or link a command', () => {
    const hostile = words('<@123> <@&5> <#9> @everyone <t:0:R> </plan:1>');
    expect(hostile).not.toMatch(/<[@#t/]/);
    expect(hostile).not.toContain('@everyone');
  });

  test('stays on one line and loses control characters, colours and direction overrides', () => {
    expect(words('a\n\u001b[31mred\u001b[0m\u202Eb\u0007')).toBe('a redb');
  });

  test('cannot leave inline code', () => {
    expect(code('a`b`')).toBe('`aˋbˋ`');
    expect(code('')).toBe('—');
  });

  test('cannot close a code block', () => {
    const block = fence('before\n```\n**after**', 'diff');
    expect(block.split('```')).toHaveLength(3);
    expect(block.endsWith('\n```')).toBe(true);
  });
});

test('advice shows what is in backticks as code, and cannot do anything else', () => {
  expect(prose('Revert it and `/deploy` again, *now* <@123> ``')).toBe(
    'Revert it and `/deploy` again, \\*now\\* <\u200b@\u200b123> \\`\\`',
  );
});

describe('a tail', () => {
  test('keeps the last lines and says how many are missing', () => {
    expect(tail('one\ntwo\nthree\nfour\n', 11)).toBe('… 2 earlier lines\nthree\nfour');
  });

  test('of one endless line keeps its end', () => {
    expect(tail(`${'x'.repeat(5000)}end`, 10)).toBe('…xxxxxxend');
  });
});

test('equal lines in a row are shown once, with how often', () => {
  expect(collapse('start\nfailed\nfailed\nfailed\nend\n')).toBe('start\nfailed … (3 times)\nend');
});

test('durations read like a person says them', () => {
  expect([took(0), took(4_213), took(62_000), took(3_723_000)]).toEqual(['0ms', '4.2s', '1m 2s', '1h 2m']);
});
