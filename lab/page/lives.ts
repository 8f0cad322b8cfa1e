import { randomUUID } from 'node:crypto';
import type { PageLab } from './page-lab.ts';
import { PageRefusal } from './page-refusal.ts';
import type { SystemView } from './view.ts';
import type { Scene } from './view-of.ts';
import { watchHomelab } from './watch-homelab.ts';

/** One life of the lab, with what people put away in it. */
export interface Life {
  readonly id: string;
  readonly lab: PageLab;
  /** Ids of what somebody dismissed, sent or closed. */
  readonly away: ReadonlySet<string>;
  putAway(id: string): void;
  /** Something of it changed that its Discord does not know of. */
  readonly changed: () => void;
}

/** The lab's lives, one after the other. */
export interface Lives {
  /** Refused with 503 while there is none. */
  current(): Life;
  /** What is to be seen; while a life begins, the last one with its bot offline. */
  scene(): Scene;
  /** Anybody of any life, by id or name, as they are now; without: the first one. Refused when unknown. */
  idOf(as: string | null): string;
  /** Ends this life and begins another; asked twice, it happens once. */
  readonly reset: () => Promise<void>;
  /** Calls whenever there may be something new to see. While anybody listens, the homelab is looked at. */
  readonly watch: (listener: () => void) => () => void;
  close(): Promise<void>;
}

export interface LivesParts {
  readonly open: () => Promise<PageLab>;
  readonly report: (error: unknown) => void;
}

export async function createLives({ open, report }: LivesParts): Promise<Lives> {
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const names = new Map<string, string>();
  let systems: readonly SystemView[] = [];
  const homelab = watchHomelab({
    look: async () => (await now?.lab.homelab.look()) ?? systems,
    found(looked) {
      if (now !== null) systems = looked;
      changed();
    },
    report,
  });

  const begin = async (): Promise<Begun> => {
    const lab = await open();
    for (const { id, name } of lab.people) names.set(id, name);
    systems = [];
    return beginLife(lab, changed);
  };
  let now: Begun | null = await begin();
  let last: Scene = sceneOf(now, systems);
  let beginning: Promise<void> | null = null;

  const end = async (life: Begun): Promise<void> => {
    last = { ...sceneOf(life, systems), online: false };
    now = null;
    life.unlisten();
    changed();
    await life.lab.close();
  };
  const beginAnew = async (): Promise<void> => {
    // What it has to say at its end must not keep the next one from beginning.
    if (now !== null) await end(now).catch(report);
    now = await begin();
    homelab.anew();
    changed();
  };
  return {
    current() {
      if (now !== null) return now;
      const why =
        beginning === null ? 'The lab did not come back. Please reset it again.' : 'The lab begins anew.';
      throw new PageRefusal(503, why);
    },
    scene: () => (now === null ? last : sceneOf(now, systems)),
    idOf: (as) => personIn((now ?? last).lab.people, { as, names }),
    reset: () =>
      (beginning ??= beginAnew().finally(() => {
        beginning = null;
      })),
    watch(listener) {
      listeners.add(listener);
      if (listeners.size === 1) homelab.start();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) homelab.stop();
      };
    },
    async close() {
      homelab.stop();
      await beginning?.catch(report);
      if (now !== null) await end(now);
    },
  };
}

interface Begun extends Life {
  readonly unlisten: () => void;
}

function beginLife(lab: PageLab, changed: () => void): Begun {
  const away = new Set<string>();
  return {
    ...{ id: randomUUID(), lab, away, changed },
    putAway(id) {
      away.add(id);
      changed();
    },
    unlisten: lab.discord.onChange(changed),
  };
}

function sceneOf({ id, lab, away }: Life, systems: readonly SystemView[]): Scene {
  return {
    ...{ life: id, lab, systems, putAway: away },
    online: lab.discord.botOnline(),
    switches: lab.homelab.switches(),
    tour: lab.tour(),
  };
}

/** A page that stayed open over a reset still names somebody by the id of an earlier life. */
function personIn(
  people: PageLab['people'],
  { as, names }: { readonly as: string | null; readonly names: ReadonlyMap<string, string> },
): string {
  const name = names.get(as ?? '') ?? as;
  const found = as === null ? people[0] : people.find((each) => each.id === as || each.name === name);
  if (found === undefined) throw new PageRefusal(404, 'Nobody here has this name.');
  return found.id;
}
