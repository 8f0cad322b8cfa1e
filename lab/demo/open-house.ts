import { createSimulatedWorld, type SimulatedWorld } from '../host/simulated-world.ts';
import type { HouseGitlab } from '../house/gitlab.ts';
import { createHouse, type House } from '../house/house.ts';
import { pipelineVariables } from '../house/pipeline.ts';
import type { HouseSystems } from '../house/systems.ts';
import { startOpnsense, type LabOpnsense } from '../opnsense/opnsense.ts';
import type { WorldHost } from '../world.ts';
import { exampleHosts, exampleSystems } from './cast.ts';
import {
  crashingVersion,
  exampleRoles,
  exampleSecrets,
  productionFiles,
  runningServices,
  stagingFiles,
  stagingHost,
} from './example-house.ts';
import { settle } from './settle.ts';
import { crash } from './crash.ts';

/** The example homelab with everything in it, as the page shows it. */
export interface ExampleHouse {
  readonly world: SimulatedWorld;
  readonly systems: HouseSystems;
  readonly opnsense: LabOpnsense;
  readonly house: House;
  readonly gitlab: HouseGitlab;
  /** Staging goes through GitLab CI; without it the bot deploys there as well. */
  readonly pipeline: boolean;
  close(): Promise<void>;
}

/** Opens the house and deploys what has long been running in it. Without rsync no pipeline can be played. */
export async function openHouse({ pipeline }: { readonly pipeline: boolean }): Promise<ExampleHouse> {
  const ends: (() => Promise<void>)[] = [];
  const close = () => endAll(ends);
  try {
    const world = await createSimulatedWorld({ names: [...exampleHosts(), stagingHost] });
    ends.push(() => world.close());
    const [systems, opnsense] = await Promise.all([exampleSystems(world), startOpnsense()]);
    ends.push(
      () => systems.close(),
      () => opnsense.close(),
    );
    const house = await createHouse(houseOptions({ world, systems, opnsense, pipeline }));
    ends.push(() => house.close());
    const { gitlab } = house;
    if (gitlab === null) throw new Error('the house has no GitLab');
    const parts = { world, systems, opnsense, house, gitlab, pipeline };
    await fill(parts);
    return { ...parts, close };
  } catch (error) {
    await close().catch(() => undefined); // why it did not open is what matters
    throw error;
  }
}

type Parts = Omit<ExampleHouse, 'close'>;

const stagingSecrets = { OPNSENSE_KEY: 'lab-key', OPNSENSE_SECRET: 'lab-secret' };
const isStaging = ({ name }: WorldHost): boolean => name === stagingHost;

function houseOptions({ world, systems, opnsense, pipeline }: Omit<Parts, 'house' | 'gitlab'>) {
  const { inventory, secrets, sendTo } = systems;
  return {
    ...{ world, inventory, roles: exampleRoles },
    hosts: world.hosts.filter((host) => !isStaging(host)),
    secrets: { ...secrets, ...stagingSecrets, ...exampleSecrets },
    sendTo: { ...sendTo, OPNSENSE_KEY: opnsense.url, OPNSENSE_SECRET: opnsense.url },
    approvals: '  rules:\n    - { environments: [staging], required: 0 }\n',
    gitlab: {
      route: 'engine',
      environments: [
        '    environments:',
        '      production: { branch: main }',
        `      staging: { branch: staging, route: ${pipeline ? 'pipeline' : 'engine'} }`,
      ].join('\n'),
    },
  } as const;
}

/** Git gets its history, the hosts what was deployed from it, and the bot comes online meanwhile. */
async function fill(parts: Parts): Promise<void> {
  const { world, systems, opnsense, house, gitlab, pipeline } = parts;
  const { project, olivia, services } = gitlab;
  const staging = world.hosts.find(isStaging);
  if (staging === undefined) throw new Error(`the world has no ${stagingHost}`);
  await world.registry.publish(`grafana/grafana:${crashingVersion}`, crash);
  const { deployed, since } = productionFiles();
  project.state.pipelineDelay = 'never'; // what is pushed now was deployed long ago
  await project.push({
    ...{ by: olivia, branch: 'staging', message: 'feat: a place to try things first' },
    files: stagingFiles(staging, { opnsense, pipeline }),
  });
  await services.commit(deployed, 'feat: the services of this house');
  project.protectBranch('staging');
  const secrets = { ...systems.secrets, ...stagingSecrets };
  for (const variable of pipelineVariables(world, { secrets })) project.addVariable(variable);
  const how = {
    repository: project.directory,
    key: world.key.file,
    secrets: { ...secrets, ...exampleSecrets },
  };
  await Promise.all([
    house.startBot(),
    settle({ ...how, branch: 'main', environment: 'production', services: runningServices }),
    settle({ ...how, branch: 'staging', environment: 'staging', services: ['whoami', 'it-tools'] }),
  ]);
  await services.commit(since, 'feat: Grafana 10.2.3');
  project.state.pipelineDelay = 0;
}

/** Ends all of it, the newest first, and throws the first complaint once everything has ended. */
async function endAll(ends: (() => Promise<void>)[]): Promise<void> {
  const wrong: unknown[] = [];
  for (const end of ends.splice(0).toReversed()) await end().catch((error: unknown) => wrong.push(error));
  if (wrong.length > 0) throw wrong[0];
}
