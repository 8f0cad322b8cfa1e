import type { DiscordLab } from '../discord/index.ts';
import type { PersonView, SwitchView, SystemView, TourStepView } from './view.ts';

/** One life of everything the page shows: Discord with people and the real bot in it, and the systems around. */
export interface PageLab {
  readonly discord: DiscordLab;
  /** Who can be played, the first one first. */
  readonly people: readonly PersonView[];
  readonly homelab: Homelab;
  /** The guided tour; a step that was done once stays done. */
  readonly tour: () => readonly TourStepView[];
  close(): Promise<void>;
}

/** What the page shows of the systems, and what can be broken there. */
export interface Homelab {
  /** All systems as they are now, asked in parallel; one that cannot be asked is `down`. */
  look(): Promise<readonly SystemView[]>;
  readonly switches: () => readonly SwitchView[];
  /** Throws an Error whose message is for a person. */
  turn(id: string, on: boolean): Promise<void>;
}
