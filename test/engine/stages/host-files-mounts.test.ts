import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeHostFiles } from '../../../engine/stages/host-files/index.ts';
import { createSimulatedWorld, type SimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { createPlay, type Play } from './support/play.ts';

let world: SimulatedWorld;
let play: Play;
const { signal } = new AbortController();
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const exec = async (shell: string) => (await play.host.exec(shell)).stdout.trim();

beforeAll(async () => {
  world = await createSimulatedWorld();
  const [host] = world.hosts;
  play = createPlay(world, host!);
  const root = `${host!.installRoot}/proxy`;
  const compose = [
    'services:',
    '  proxy:',
    `    image: ${world.registry.image('web:1')}`,
    '    container_name: proxy',
    '    volumes:',
    `      - ${root}/alone.yml:/etc/alone.yml`,
    `      - ${root}/dynamic:/etc/dynamic`,
    '',
  ].join('\\n');
  await exec(
    `mkdir -p ${root}/dynamic && printf old > ${root}/alone.yml && printf old > ${root}/dynamic/in.yml && printf '${compose}' > ${root}/docker-compose.yml && cd ${root} && docker compose up -d`,
  );
});
afterAll(async () => {
  await play.close();
  await world.close();
});

test.each([
  ['alone.yml', 'a file mounted by itself is written in place, so that the container sees it', true],
  [
    'dynamic/in.yml',
    'a file of a mounted directory is renamed into place, so that nobody reads half of it',
    false,
  ],
])('%s: %s', async (name, _why, sameInode) => {
  const path = `${play.host.installRoot}/proxy/${name}`;
  const before = await exec(`stat -c %i ${path}`);
  // Holds the old file, so that its number cannot be given to the new one.
  await exec(`ln ${path} ${path}.held`);
  const answers = await writeHostFiles(
    play.ports.host(play.entry),
    { writes: [{ path, expected: sha('old'), text: 'new\n' }], container: 'proxy' },
    signal,
  );
  expect(answers.get(path)).toBe('written');
  expect(await play.host.readFile(path)).toBe('new\n');
  expect((await exec(`stat -c %i ${path}`)) === before).toBe(sameInode);
});
