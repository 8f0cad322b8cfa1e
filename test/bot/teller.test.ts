import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Chat } from '../../bot/chat.ts';
import { createLog } from '../../bot/log.ts';
import type { Tale } from '../../bot/story/tale.ts';
import { createTeller } from '../../bot/story/teller.ts';
import { openStore } from '../../data/index.ts';
import { createClock } from '../../engine/providers/clock.ts';
import { quick } from './support/bot-lab.ts';

test('news that arrives just as a tale ends is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-teller-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = createClock();
  const log = createLog({ level: 'error', redact: (line) => line });
  const store = openStore({ file: join(folder, 'sentinel.db'), clock, log });
  const shown: string[] = [];
  const say = (text: string): Promise<string> => Promise.resolve(String(shown.push(text)));
  const chat: Chat = {
    post: (_channel, { content }) => say(content),
    edit: (_channel, _id, { content }) => say(content).then(() => undefined),
    openThread: () => Promise.reject(new Error('there are no chapters')),
  };
  let content = 'first';
  const tale: Tale = {
    key: 'a tale',
    read: () => ({ card: { content, embeds: [] }, threadName: '', chapters: [], over: true }),
  };
  const teller = createTeller({
    ...{ chat, clock, log, pace: quick, channel: '1' },
    messages: {
      ...store.messages,
      put(key, change) {
        const kept = store.messages.put(key, change);
        // In the very moment between the last look and the end.
        if (change.final === true && content === 'first')
          queueMicrotask(() => {
            content = 'second';
            teller.tell(tale);
          });
        return kept;
      },
    },
  });
  teller.tell(tale);
  await vi.waitFor(() => expect(shown).toEqual(['first', 'second']));
  await teller.stop();
  store.close();
});
