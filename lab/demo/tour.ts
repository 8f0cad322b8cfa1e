import type { DeploymentRecord, Store } from '../../engine/index.ts';
import type { TourStepView } from '../page/view.ts';
import { crashingVersion } from './example-house.ts';
import type { ExampleHouse } from './open-house.ts';

interface Step extends Omit<TourStepView, 'done'> {
  /** Looked at until it was true once. */
  readonly reached: () => boolean;
}

/** Five steps through what Sentinel does. Whether one is done is judged from what really happened. */
export function createTour({ house, store, systems }: ExampleHouse): () => readonly TourStepView[] {
  const done = new Set<string>();
  const steps = stepsOf({ house, store, drift: watchDrift(systems) });
  return () =>
    steps.map(({ reached, ...step }) => {
      if (!done.has(step.title) && reached()) done.add(step.title);
      return { ...step, done: done.has(step.title) };
    });
}

const service = 'grafana';

function stepsOf(parts: {
  readonly house: ExampleHouse['house'];
  readonly store: Store;
  readonly drift: () => 'none' | 'seen' | 'put back';
}): readonly Step[] {
  const { house, store, drift } = parts;
  const { ana, ben } = house.people;
  const before = new Set(store.deployments.ofService(service, 50).map(({ id }) => id));
  const since = (): readonly DeploymentRecord[] =>
    store.deployments.ofService(service, 50).filter(({ id }) => !before.has(id));
  const ended = (wanted: DeploymentRecord['outcome']): boolean =>
    since().some(({ finishedAt, outcome }) => finishedAt !== null && outcome === wanted);
  const asked = (): boolean =>
    since().length > 0 || store.proposals.pending().some((each) => isAbout(each.plan.services));
  return [
    {
      title: 'Ask what would happen',
      text: 'Git says Grafana 10.2.3, an older one runs. Type the command below: the answer says what would change, and nothing is touched.',
      ...{ as: ana.id, types: `/plan service:${service}` },
      reached: () => answered(house, 'plan'),
    },
    {
      title: 'Ask for a deployment',
      text: 'Ana may deploy, but production needs a second person. Ask for a newer version: the request appears in the channel.',
      ...{ as: ana.id, types: `/deploy service:${service} version:10.3.1 reason:newer dashboards` },
      reached: asked,
    },
    {
      title: 'Approve it as somebody else',
      text: 'Become Ben and press **Approve** under the request. Then watch: the commit, the container, the checks, all in one message. The panel beside it marks what changes.',
      ...{ as: ben.id, types: null },
      reached: () => ended('succeeded'),
    },
    {
      title: 'Release a broken version',
      text: `Grafana ${crashingVersion} crashes when it starts. Ask for it as Ana and approve it as Ben: Sentinel sees that it does not work and undoes it everywhere, in Git too.`,
      ...{ as: ana.id, types: `/deploy service:${service} version:${crashingVersion}` },
      reached: () => ended('rolled-back'),
    },
    {
      title: 'Put back what somebody changed',
      text: 'Press **Somebody points grafana… elsewhere** among the switches, then ask for the status. Press **Put back** and let Ben approve it.',
      ...{ as: ana.id, types: `/status service:${service}` },
      reached: () => drift() === 'put back',
    },
  ];
}

const isAbout = (services: readonly { readonly name: string }[]): boolean =>
  services.some(({ name }) => name === service);

/** Somebody used the command, and what came back is no error. */
function answered({ discord }: ExampleHouse['house'], command: string): boolean {
  const { interactions, messages, deleted } = discord.state;
  return [...interactions.values()].some(({ kind, name, originalId }) => {
    const message = originalId === null ? undefined : (messages.get(originalId) ?? deleted.get(originalId));
    return kind === 'command' && name === command && message?.embeds[0]?.title?.startsWith('❌') === false;
  });
}

/** Whether Grafana's record was seen elsewhere, and then where it belongs again. */
function watchDrift({
  pihole,
  domain,
  address,
}: ExampleHouse['systems']): () => 'none' | 'seen' | 'put back' {
  let state: 'none' | 'seen' | 'put back' = 'none';
  return () => {
    const entry = pihole.state.hosts.find((each) => each.endsWith(` ${service}.${domain}`));
    if (entry !== undefined && !entry.startsWith(`${address} `)) state = 'seen';
    else if (entry !== undefined && state === 'seen') state = 'put back';
    return state;
  };
}
