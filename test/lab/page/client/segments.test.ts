import { describe, expect, it } from 'vitest';
import { segmentsOf } from '../../../../lab/page/client/markdown/segments.ts';

describe('a text in Discord’s markdown', () => {
  it('is cut into its looks', () => {
    expect(segmentsOf('a **b *c*** __d__ ~~e~~ `f`')).toEqual([
      { kind: 'text', text: 'a ' },
      {
        kind: 'bold',
        inside: [
          { kind: 'text', text: 'b ' },
          { kind: 'italics', inside: [{ kind: 'text', text: 'c' }] },
        ],
      },
      { kind: 'text', text: ' ' },
      { kind: 'underline', inside: [{ kind: 'text', text: 'd' }] },
      { kind: 'text', text: ' ' },
      { kind: 'strike', inside: [{ kind: 'text', text: 'e' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'f' },
    ]);
  });

  it('keeps headings, quotes, small print and lists, also nested ones', () => {
    expect(segmentsOf('## Title\n> said\n-# small\n- one\n  - below\n- **two**\nafter')).toEqual([
      { kind: 'heading', level: 2, inside: [{ kind: 'text', text: 'Title' }] },
      { kind: 'quote', inside: [{ kind: 'text', text: 'said' }] },
      { kind: 'small', inside: [{ kind: 'text', text: 'small' }] },
      {
        kind: 'list',
        ordered: false,
        start: 1,
        items: [
          [
            { kind: 'text', text: 'one' },
            { kind: 'list', ordered: false, start: 1, items: [[{ kind: 'text', text: 'below' }]] },
          ],
          [{ kind: 'bold', inside: [{ kind: 'text', text: 'two' }] }],
        ],
      },
      { kind: 'text', text: 'after' },
    ]);
    expect(segmentsOf('3. c\n4. d')).toMatchObject([{ kind: 'list', ordered: true, start: 3 }]);
  });

  it('does not take a dash inside a line for a list', () => {
    expect(segmentsOf('one - two\n**bold** - three')).not.toContainEqual(
      expect.objectContaining({ kind: 'list' }),
    );
  });

  it('knows whom, where and when it speaks of', () => {
    expect(
      segmentsOf(
        '<@100000000000000001> <@&100000000000000002> <#100000000000000003> </plan:100000000000000004> <t:60:R>',
      ),
    ).toEqual([
      { kind: 'user', id: '100000000000000001' },
      { kind: 'text', text: ' ' },
      { kind: 'role', id: '100000000000000002' },
      { kind: 'text', text: ' ' },
      { kind: 'channel', id: '100000000000000003' },
      { kind: 'text', text: ' ' },
      { kind: 'command', id: '100000000000000004', name: 'plan' },
      { kind: 'text', text: ' ' },
      { kind: 'time', at: 60_000, style: 'R' },
    ]);
  });

  it('keeps a moment that time does not have as it was typed', () => {
    const typed = ['<t:99999999999999:R>', '<t:-8640000000001>', `<t:${'9'.repeat(400)}:F>`];
    for (const text of typed) expect(segmentsOf(text)).toEqual([{ kind: 'text', text }]);
    expect(segmentsOf('<t:8640000000000:D>')).toEqual([{ kind: 'time', at: 8.64e15, style: 'D' }]);
  });

  it('follows web links and Discord’s own, and no other', () => {
    expect(segmentsOf('[here](https://example.test/a)')).toEqual([
      { kind: 'link', href: 'https://example.test/a', inside: [{ kind: 'text', text: 'here' }] },
    ]);
    expect(segmentsOf('[card](https://discord.com/channels/1/22/333)')).toMatchObject([
      { kind: 'place', channel: '22', message: '333' },
    ]);
    expect(segmentsOf('https://discord.com/channels/1/22')).toMatchObject([
      { kind: 'place', channel: '22', message: null },
    ]);
    expect(segmentsOf('[run](javascript:alert(1)) [file](file:///etc/passwd)')).not.toContainEqual(
      expect.objectContaining({ kind: 'link' }),
    );
  });

  it('leaves markup of the web as text', () => {
    expect(segmentsOf('<img src=x onerror=alert(1)>')).toEqual([
      { kind: 'text', text: '<img src=x onerror=alert(1)>' },
    ]);
  });

  it('shows signs that were escaped, and names emoji it cannot show', () => {
    expect(segmentsOf('\\*plain\\* ✅ <:ship:100000000000000005>')).toEqual([
      { kind: 'text', text: '*plain* ✅ :ship:' },
    ]);
  });
});

describe('a code block', () => {
  it('is coloured line by line when it is a diff', () => {
    expect(segmentsOf('```diff\n- old\n+ new\n  same\n```')).toEqual([
      {
        kind: 'fence',
        language: 'diff',
        lines: [
          [{ text: '- old', look: ['removed'] }],
          [{ text: '+ new', look: ['added'] }],
          [{ text: '  same', look: [] }],
        ],
      },
    ]);
  });

  it('takes colours of a terminal, over the end of a line too', () => {
    expect(segmentsOf('```ansi\n\u001b[1;31mred\nstill\u001b[0m plain\n```')).toMatchObject([
      {
        lines: [
          [{ text: 'red', look: ['bold', 'red'] }],
          [
            { text: 'still', look: ['bold', 'red'] },
            { text: ' plain', look: [] },
          ],
        ],
      },
    ]);
  });

  it('shows its text as it is', () => {
    expect(segmentsOf('```\n**not bold** <@1>\n```')).toMatchObject([
      { kind: 'fence', lines: [[{ text: '**not bold** <@1>' }]] },
    ]);
  });
});
