import { isGuard } from '../phases.ts';
import type { SideStage, Step } from '../types.ts';

/** What a command takes of a plan: everything, or the steps of its stage. */
export type Part = (step: Step) => boolean;

export const everything: Part = () => true;

/** What closes a door comes first; then the containers, and the proof that they work. Undone together when they fail. */
export const containers: Part = (step) =>
  isGuard(step) ||
  step.stage === 'deploy' ||
  (step.stage === 'verify' && (step.after ?? step.before)?.kind === 'service');

export function ofStage(stage: SideStage): Part {
  return (step) => step.stage === stage;
}
