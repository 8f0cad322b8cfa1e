import { expect, test } from 'vitest';
import type { LabMessage } from '../../lab/discord/index.ts';
import { eventually } from '../eventually.ts';
import { botLab } from './support/bot-lab.ts';
import { fleetEvents } from './support/fleets.ts';

/** Few chapters: Discord takes them slowly. */
const events = fleetEvents(2, { metube: 'undone' })
  .filter((event) => ('step' in event ? event.step.startsWith('1 deploy') : event.type !== 'unwinding'))
  .map((event, index) => ({ ...event, seq: index + 1 }));
const finals = (message: LabMessage) =>
  message.attachments.filter(({ filename }) => filename.startsWith('timeline-'));

test('the card of several services ends with a timeline, sent once, which later edits and restarts keep', async () => {
  const lab = await botLab();
  const first = await lab.start();
  for (const event of events.slice(0, -1)) first.engine.happen(event.deployment, event);
  expect(finals(await lab.card('running'))).toEqual([]);
  const { deployment, ...last } = events.at(-1)!;
  first.engine.happen(deployment, last);
  const card = await lab.card('rolled back');
  const [picture] = finals(card);
  expect(card.attachments).toHaveLength(1);
  expect(card.embeds[0]?.image?.url).toContain(picture!.filename);
  expect(picture).toMatchObject({ contentType: 'image/png' });
  expect(picture!.description).toContain('metube (media): rolled back');
  expect(Buffer.from(picture!.bytes.subarray(1, 4)).toString()).toBe('PNG');
  await eventually(
    () => first.store.messages.get(`deployment:${deployment}`)?.final === true,
    'the end',
    10_000,
  );
  await first.die();

  const store = lab.openStore();
  store.messages.put(`deployment:${deployment}`, { final: false }); // told again, as after a later deployment
  store.close();
  const edits = lab.discord.state.messages.get(card.id)!.edits.length;
  await lab.start();
  const again = () => lab.discord.state.messages.get(card.id)!;
  await eventually(() => again().edits.length > edits, 'one more edit', 10_000);
  expect(again().attachments.map(({ id }) => id)).toEqual([picture!.id]);
  expect(again().embeds[0]?.image?.url).toContain(picture!.filename);
});

test('a status with a history shows a chart with its words', async () => {
  const lab = await botLab();
  const { store } = await lab.start();
  for (const event of fleetEvents(2)) store.journal.append({ ...event, at: new Date().toISOString() });
  await lab.ada.command('status');
  const message = await lab.discord.waitFor(
    () => [...lab.discord.state.messages.values()].find(({ embeds }) => embeds[0]?.image !== undefined),
    { what: 'a status with a picture' },
  );
  expect(message.attachments.filter(({ contentType }) => contentType === 'image/png')).toHaveLength(1);
  expect(message.attachments.at(-1)?.description).toContain('1 deployment, it went well');
  expect(message.embeds[0]?.fields?.map(({ name, value }) => `${name}: ${value}`)).toContain(
    'Last 30 days: 1 deployment, it went well',
  );
});
