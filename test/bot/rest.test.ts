import { afterEach, expect, test } from 'vitest';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { Routes } from 'discord.js';
import { createRest } from '../../bot/rest.ts';
import { startDiscord } from '../../lab/discord/index.ts';

const before = getGlobalDispatcher();
afterEach(() => setGlobalDispatcher(before));

test('files reach Discord whichever HTTP client of this process came first', async () => {
  const discord = await startDiscord({ channels: ['deployments'] });
  const ours = new Agent();
  setGlobalDispatcher(ours);
  const rest = createRest({ token: discord.token, api: discord.api });
  const files = [{ name: 'plan.txt', data: Buffer.from('1 container changes'), contentType: 'text/plain' }];
  await rest.post(Routes.channelMessages(discord.channel('deployments').id), {
    ...{ body: { content: 'the plan', attachments: [{ id: '0', filename: 'plan.txt' }] }, files },
  });
  const [message] = [...discord.state.messages.values()];
  expect(message).toMatchObject({ content: 'the plan', attachments: [{ filename: 'plan.txt' }] });
  expect(message?.attachments[0]?.bytes.toString()).toBe('1 container changes');
  await ours.close();
  await discord.close();
});
