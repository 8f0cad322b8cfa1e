import { execa } from 'execa';
import type { Person } from '../discord/index.ts';
import type { PageLab } from '../page/page-lab.ts';
import type { PersonView } from '../page/view.ts';
import { createHomelab } from './homelab.ts';
import { openHouse, type ExampleHouse } from './open-house.ts';
import { createTour } from './tour.ts';

export interface LabOptions {
  /** Whether staging is deployed to by pipelines; where this machine can play them unless told. */
  readonly pipeline?: boolean;
}

/** Opens the lab behind the page: the example homelab, lived in, and the real bot. Needs git, and no network. */
export async function openLab({ pipeline }: LabOptions = {}): Promise<PageLab> {
  return labOf(await openHouse({ pipeline: pipeline ?? (await hasRsync()) }));
}

/** A house as the page shows it. */
export function labOf(parts: ExampleHouse): PageLab {
  return {
    discord: parts.house.discord,
    people: peopleOf(parts),
    homelab: createHomelab(parts),
    tour: createTour(parts),
    close: () => parts.close(),
  };
}

/** Jobs are copied into their folders with it. */
export function hasRsync(): Promise<boolean> {
  return execa('rsync', ['--version']).then(
    () => true,
    () => false,
  );
}

function peopleOf({ house }: ExampleHouse): readonly PersonView[] {
  const { ana, ben, cleo, dora } = house.people;
  const view = ({ id, name }: Person, part: string, may: string): PersonView => ({ id, name, part, may });
  return [
    view(ana, 'deployer', 'Asks for deployments and rollbacks; somebody else must agree in production.'),
    view(ben, 'approver', 'Agrees to what others ask for, or refuses it.'),
    view(cleo, 'administrator', 'May do everything, but not agree to her own requests.'),
    view(dora, 'guest', 'Looks at plans and at the status, and changes nothing.'),
  ];
}
