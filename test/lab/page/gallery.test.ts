import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bodyOf, painted } from '../../../bot/chat.ts';
import { fit } from '../../../bot/render/limits.ts';
import { createForm } from '../../../lab/discord/form.ts';
import { checkComponents } from '../../../lab/discord/limits/components.ts';
import { checkEmbeds } from '../../../lab/discord/limits/embeds.ts';
import { parseMessageBody } from '../../../lab/discord/message-body.ts';
import { kinds, toGallery } from '../../../lab/page/gallery/index.ts';
import { messageShots } from '../../../lab/page/screenshots/message-shots.ts';

describe('the gallery', () => {
  test.each(kinds)('$name is within Discord’s limits, and nothing of it is cut', async ({ message }) => {
    const ready = await painted(fit(message), () => Promise.resolve(null));
    const { embeds, components } = parseMessageBody(bodyOf(ready));
    const form = createForm();
    checkEmbeds(form, embeds ?? []);
    checkComponents(form, components ?? [], false);
    form.settle();
    expect(JSON.stringify(embeds)).not.toContain('✂');
  });

  test('shows every way to end and every state of a request', () => {
    const names = kinds.map(({ name }) => name);
    const outcomes = ['succeeded', 'degraded', 'rolled-back', 'failed', 'needs-attention', 'cancelled'];
    const states = ['pending', 'running', 'done', 'rejected', 'expired', 'stale'];
    expect(names).toEqual(
      expect.arrayContaining([
        'plan', // an open request
        ...outcomes.map((outcome) => `outcome-${outcome}`),
        ...states.map((state) => `request-${state}`),
      ]),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('calls somebody only in a new request for approval', async () => {
    const calling = (await toGallery(kinds)).messages.filter(({ content }) => content.includes('<@'));
    expect(calling.map(({ id }) => id)).toEqual(['request-pending']);
  });

  test('has titles of two lines at most on a phone', () => {
    const titles = kinds.flatMap(({ message }) => message.embeds.map(({ title }) => title));
    expect(titles.filter((title) => title.length > 70)).toEqual([]);
  });
});

describe('docs/voice.md', () => {
  const text = readFileSync('docs/voice.md', 'utf8');
  const shown = [...text.matchAll(/\]\(pictures\/([^)]+)\)/g)].map(([, file]) => file);

  test('shows every picture once, each of a kind with its title and when it is seen', () => {
    expect(shown.toSorted()).toEqual(messageShots.map(({ file }) => file).toSorted());
    for (const { title, when } of kinds) expect(text).toContain(`### ${title}\n\n${when}\n`);
  });

  test('has a file for every picture, and no file is left over', () => {
    const files = readdirSync('docs/pictures/messages').map((name) => `messages/${name}`);
    expect(files.toSorted()).toEqual(shown.toSorted());
  });
});
