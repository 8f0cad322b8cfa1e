import { createRealWorld, realWorldAvailable } from '../real/world.ts';
import { createSimulatedWorld } from '../host/simulated-world.ts';
import { createHouse } from '../house/house.ts';
import type { World } from '../world.ts';
import { createHouseSystems, type HouseSystems } from '../house/systems.ts';
import { exampleCast, exampleHosts, exampleSystems, labCast } from './cast.ts';
import { readOptions } from './options.ts';
import { play } from './play.ts';
import { createScreen } from './screen.ts';
import { servePage } from './serve-page.ts';

const usage = `usage: npm run demo [-- --port N]
       npm run demo -- --play [--docker]

  Opens the lab as a web page on this machine: Discord with the real bot in it, and a homelab around it.

  --port N   listen there; otherwise on 8788, or the next port that is free
  --play     plays a short conversation in the terminal instead: a plan over containers, route, name, sign-on and
             dashboard, a deployment with approval, a bad release rolled back everywhere, drift put back,
             status, audit. Exits 0 only if every state was reached.
  --docker   with --play: on real Docker hosts (real sshd, dockerd and registry in namespaces; needs root on Linux)
  --help     prints this
`;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options === null) {
    process.stderr.write(usage);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!options.play) return servePage(options.port);
  const world = await openWorld(options.docker);
  try {
    const systems = world.kind === 'real' ? await createHouseSystems(world) : await exampleSystems(world);
    try {
      await playIn(world, systems);
    } finally {
      await systems.close();
    }
    return 0;
  } finally {
    await world.close();
  }
}

async function playIn(world: World, systems: HouseSystems): Promise<void> {
  const house = await createHouse({
    world,
    inventory: systems.inventory,
    sendTo: systems.sendTo,
    secrets: { ...systems.secrets, GRAFANA_ADMIN_PASSWORD: 'correct-horse-battery' },
  });
  try {
    const cast = world.kind === 'real' ? await labCast(world, systems) : await exampleCast(world, systems);
    await play(house, createScreen(process.stdout, house.discord.state), cast);
  } finally {
    await house.close();
  }
}

async function openWorld(docker: boolean): Promise<World> {
  if (!docker) return createSimulatedWorld({ names: exampleHosts() });
  const available = await realWorldAvailable();
  if (!available.ok) throw new Error(`--docker: ${available.reason}`);
  return createRealWorld();
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(
      `\nThe demo ended early:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  },
);
