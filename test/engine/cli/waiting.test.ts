import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../eventually.ts';
import { openCliHouse, type CliHouse } from './cli-house.ts';

let house: CliHouse;
beforeAll(async () => {
  house = await openCliHouse();
}, 60_000);
afterAll(() => house.close());

const stagesKept = (): readonly string[] => {
  const kept = house.hostFile('busy', '.sentinel/holdings.json') ?? '{"owned":[]}';
  return (JSON.parse(kept) as { owned: { stage: string }[] }).owned.map(({ stage }) => stage);
};

test('what others left while a command waited for the host stays ours', { timeout: 60_000 }, async () => {
  const named = { env: { SENTINEL_SERVICES: 'busy' } };
  house.define('busy', { image: 'web:1', port: 18_086 });
  expect((await house.run(['deploy', '--no-plan', '--only', 'containers'], named)).exitCode).toBe(0);
  expect((await house.run(['traefik', '--no-plan'], named)).exitCode).toBe(0);
  expect(stagesKept()).toEqual(['traefik']);
  const [host] = house.world.hosts;
  const own = `${host!.installRoot}/busy/.sentinel`;
  const holder = '{"id":"d-other","who":"bot","reason":"p-123"}';
  await host!.exec(`mv ${own}/holdings.json ${own}/kept && echo '${holder}' > ${own}/lock`);
  let waits = false;
  const running = house.run(['dns', '--no-plan', '--wait', '60'], {
    ...named,
    err: (text) => void (waits ||= text.includes('Waiting')),
  });
  await eventually(() => waits, 'the command to wait', 20_000);
  await host!.exec(`mv ${own}/kept ${own}/holdings.json && rm ${own}/lock`);
  expect((await running).exitCode).toBe(0);
  expect(stagesKept()).toEqual(['traefik', 'dns']);
});
