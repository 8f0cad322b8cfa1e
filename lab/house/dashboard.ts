import { createGlanceProgram } from '../glance/program.ts';
import type { SimulatedWorld } from '../host/simulated-world.ts';
import type { World, WorldHost } from '../world.ts';
import { writeOn } from './write-on.ts';

/** A Glance whose files are on a host; on a simulated one it also runs there, and shows them. */
export interface LabDashboard {
  /** Lines of `systems:` in sentinel.yml. */
  readonly inventory: readonly string[];
  /** What its owner wrote, as it is now. */
  text(): Promise<string>;
  /** What a browser sees; null where it does not run. */
  page(): Promise<string | null>;
  close(): Promise<void>;
}

/** A dashboard as an owner keeps it. */
export const ownersDashboard = `# 🏠 The start page
theme:
  background-color: 50 1 6   # the dark one

pages:
  - name: Home
    columns:
      - size: small
        widgets:
          - type: calendar

      - size: full
        widgets:
          - type: bookmarks
            groups:
              - title: Apps   # kept in order
                links:
                  - { title: "NAS", url: "http://192.168.1.2" }

          - type: monitor
            cache: 1m
            title: Services
            sites:
              - title: NAS
                url: http://192.168.1.2
`;

const port = 8899;

export async function startDashboard(world: World, host: WorldHost, folder: string): Promise<LabDashboard> {
  const root = `${host.installRoot}/${folder}/glance`;
  const file = `${root}/config/glance.yml`;
  await writeOn(host, file, ownersDashboard);
  const runs = isSimulated(world);
  if (runs) await run(world, host, root);
  return {
    inventory: [
      '  glance:',
      `    host: ${host.name}`,
      `    config: ${file}`,
      '    page: Home',
      ...(runs ? ['    container: glance', `    url: http://${host.address}:${port}/`] : []),
    ],
    text: async () => (await host.readFile(file)) ?? '',
    page: () =>
      runs
        ? fetch(`http://${host.address}:${port}/`).then(
            (answer) => answer.text(),
            () => null,
          )
        : Promise.resolve(null),
    async close() {
      if (runs) await host.exec(`cd '${root}' && docker compose down`);
    },
  };
}

function isSimulated(world: World): world is SimulatedWorld {
  return world.kind === 'simulated';
}

async function run(world: SimulatedWorld, host: WorldHost, root: string): Promise<void> {
  const { image } = world.registry.publishProgram('glance:1', createGlanceProgram());
  const compose = `services:\n  glance:\n    image: ${image}\n    container_name: glance\n    stop_grace_period: 0s\n    ports: ["${port}:8080"]\n    volumes: ["./config:/app/config"]\n`;
  await writeOn(host, `${root}/docker-compose.yml`, compose);
  const up = await host.exec(`cd '${root}' && docker compose up -d`);
  if (up.exitCode !== 0) throw new Error(`Glance did not start on ${host.name}: ${up.stderr}`);
}
