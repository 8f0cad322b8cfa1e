import { createRealWorld, realWorldAvailable } from '../real/world.ts';
import type { World } from '../world.ts';
import { bareFresh, bareUnchanged, clearHost, perStepFresh, warmImages } from './bare.ts';
import { engineFresh, engineUnchanged } from './engine.ts';
import { median, printTable, type Row } from './table.ts';

/** Prints what the engine costs as ratios to bare `docker compose` on the host itself, both in this run. */
async function main(): Promise<void> {
  const available = await realWorldAvailable();
  if (!available.ok) {
    console.error(`The benchmark needs real hosts, and this machine cannot make them: ${available.reason}`);
    process.exitCode = 3;
    return;
  }
  const counts = numbers(process.argv[2] ?? '1,10,30');
  const rounds = Number(process.argv[3] ?? '3');
  const world = await createRealWorld();
  try {
    const rows: Row[] = [];
    for (const count of counts) rows.push(...(await measure(world, { count, rounds })));
    printTable(rows);
  } finally {
    await world.close();
  }
}

async function measure(
  world: World,
  { count, rounds }: { readonly count: number; readonly rounds: number },
): Promise<readonly Row[]> {
  const [host] = world.hosts;
  if (host === undefined) throw new Error('the world has no host');
  await warmImages(world, host);
  const times = {
    bare: [] as number[],
    cold: [] as number[],
    open: [] as number[],
    bareSame: [] as number[],
    same: [] as number[],
  };
  for (let round = 0; round < rounds; round += 1) {
    await clearHost(host);
    times.bare.push(await bareFresh(world, host, count));
    times.bareSame.push(await bareUnchanged(host, count));
    await clearHost(host);
    times.cold.push(await engineFresh(world, host, { count, connected: false }));
    await clearHost(host);
    times.open.push(await engineFresh(world, host, { count, connected: true }));
    times.same.push(await engineUnchanged(world, host, count));
    console.error(`N=${count} round ${round + 1} of ${rounds} done`);
  }
  await clearHost(host);
  // The old way costs about two seconds a service, so it is measured once and for few.
  const perStep = count <= 10 ? await perStepFresh(world, host, count) : null;
  await clearHost(host);
  const bare = median(times.bare);
  const bareSame = median(times.bareSame);
  return [
    { job: `fresh, N=${count}, connection included`, ms: median(times.cold), base: bare, perStep },
    { job: `fresh, N=${count}, open connection`, ms: median(times.open), base: bare, perStep },
    { job: `unchanged, N=${count}, open connection`, ms: median(times.same), base: bareSame, perStep: null },
  ];
}

function numbers(list: string): readonly number[] {
  return list.split(',').map((text) => Number.parseInt(text, 10));
}

await main();
