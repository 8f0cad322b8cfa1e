import { test } from 'vitest';
import { createRealWorld } from '../../lab/real/world.ts';
import { createPlay, present, webService, eventually } from '../engine/stages/support/play.ts';
test('x', async () => {
  const world = await createRealWorld({ hosts: 1 });
  const play = createPlay(world, world.hosts[0]!);
  try {
  for (let i = 0; i < 12; i++) {
    const name = `ab${i}`;
    const mk = (v: string) => webService(play, { name, image: world.registry.image(v), port: 9000 + i });
    await play.run([present(mk('web:1'))]);
    const abort = new AbortController();
    const delay = 500 + i * 150;
    const watching = eventually(async () => {
      if ((await play.host.readFile(`${play.host.installRoot}/${name}/.sentinel/applying`)) === undefined) return false;
      setTimeout(() => abort.abort(), delay); return true;
    });
    const played = await play.run([present(mk('web:2'))], { signal: abort.signal });
    await watching;
    console.log('AT', delay, played.result.outcome, JSON.stringify(played.events.filter((e) => e.type === 'step-failed').map((e) => [e.type === 'step-failed' ? [e.phase, e.problem.code, e.problem.message, e.problem.evidence] : '']) ));
  }
  } finally { await play.close(); await world.close(); }
}, 120000);
