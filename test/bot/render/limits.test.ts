import { describe, expect, test } from 'vitest';
import { clip, fit } from '../../../bot/render/limits.ts';
import { colour, type Embed, type Message } from '../../../bot/render/message.ts';

const embed = (change: Partial<Embed> = {}): Embed => ({ title: 'title', colour: colour.neutral, ...change });
const sizeOf = (message: Message): number =>
  fit(message).embeds.reduce(
    (sum, { title, description, footer, fields }) =>
      sum +
      (title?.length ?? 0) +
      (description?.length ?? 0) +
      (footer?.text.length ?? 0) +
      (fields ?? []).reduce((all, { name, value }) => all + name.length + value.length, 0),
    0,
  );

describe('fitting a message', () => {
  test('cuts every text at its own limit, with a marker', () => {
    const [fitted] = fit({
      embeds: [embed({ title: 't'.repeat(300), description: 'd'.repeat(5000), footer: 'f'.repeat(3000) })],
    }).embeds;
    expect(fitted?.title).toHaveLength(256 - 4);
    expect(fitted?.description?.length).toBeLessThanOrEqual(4096);
    expect(fitted?.description).toMatch(/✂ cut$/);
    expect(fitted?.footer?.text.length).toBeLessThanOrEqual(2048);
  });

  test('keeps all embeds together within 6,000 characters by shortening the longest text', () => {
    const fields = Array.from({ length: 10 }, (_, i) => ({ name: `field ${i}`, value: 'v'.repeat(1000) }));
    const message = { embeds: [embed({ fields }), embed({ description: 'short and important' })] };
    expect(sizeOf(message)).toBeLessThanOrEqual(6000);
    expect(fit(message).embeds[1]?.description).toBe('short and important');
    expect(fit(message).embeds[0]?.fields).toHaveLength(10);
  });

  test('ten embeds full of small fields still fit', () => {
    const fields = Array.from({ length: 25 }, (_, i) => ({ name: `field ${i}`, value: 'v'.repeat(90) }));
    const message = { embeds: Array.from({ length: 12 }, () => embed({ fields })) };
    expect(sizeOf(message)).toBeLessThanOrEqual(6000);
  });

  test('says how many fields did not fit', () => {
    const fields = Array.from({ length: 40 }, (_, i) => ({ name: `${i}`, value: 'x' }));
    const [fitted] = fit({ embeds: [embed({ fields })] }).embeds;
    expect(fitted?.fields).toHaveLength(25);
    expect(fitted?.fields?.at(-1)?.value).toBe('and 16 more');
  });

  test('never sends an empty name or value', () => {
    const [fitted] = fit({ embeds: [embed({ fields: [{ name: ' ', value: '\n' }] })] }).embeds;
    expect(fitted?.fields).toEqual([{ name: '—', value: '—' }]);
  });

  test('attaches the whole text when something was cut, and only then', () => {
    const whole = { name: 'plan.diff', text: 'everything' };
    expect(fit({ embeds: [embed()], whole }).files).toEqual([]);
    expect(fit({ embeds: [embed({ description: 'd'.repeat(5000) })], whole }).files).toEqual([whole]);
  });

  test('drops buttons Discord would refuse: over-long and repeated ids, more than five in a row', () => {
    const button = (id: string) => ({ kind: 'button', style: 'primary', label: 'x', id }) as const;
    const { components } = fit({
      embeds: [embed()],
      rows: [['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(button), [button('a'), button('y'.repeat(101))]],
    });
    expect(components).toHaveLength(1);
    expect(components[0]).toMatchObject({
      components: ['a', 'b', 'c', 'd', 'e'].map((id) => ({ custom_id: id })),
    });
  });
});

describe('clipping', () => {
  test('closes a code block it cut', () => {
    const cut = clip(`\`\`\`\n${'line\n'.repeat(100)}\`\`\``, 100);
    expect(cut.length).toBeLessThanOrEqual(100);
    expect(cut.split('```')).toHaveLength(3);
  });

  test('never splits a character in two', () => {
    for (let limit = 50; limit < 60; limit += 1)
      expect(clip('🦉'.repeat(100), limit)).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
  });
});
