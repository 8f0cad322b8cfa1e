import type { Owned } from '../ports.ts';
import { list, literal, Mismatch, object, step, text, type Shape } from '../shapes/index.ts';
import type { Step } from '../types.ts';

/** What one deployment left on the systems around one service, as its host keeps it. */
export interface Held {
  readonly version: '1';
  readonly service: string;
  readonly environment: string;
  readonly deployment: string;
  /** When it was written down, ISO 8601. */
  readonly at: string;
  readonly owned: Owned;
}

/** Where it is kept, beside the releases. */
export function heldFile(installPath: string): string {
  return `${installPath}/.sentinel/holdings.json`;
}

const sideStep: Shape<Owned[number]> = (value, at) => {
  const found: Step = step(value, at);
  if (found.stage === 'deploy' || found.stage === 'verify')
    throw new Mismatch(`${at}.stage`, 'one of a system around the services');
  return found;
};
const held = object<Held>({
  version: literal('1'),
  service: text,
  environment: text,
  deployment: text,
  at: text,
  owned: list(sideStep),
});

/** The content of the file, or null where it is not one of ours: then nothing is known, and nothing is claimed. */
export function parseHeld(content: string): Held | null {
  try {
    return held(JSON.parse(content), '');
  } catch {
    return null;
  }
}
