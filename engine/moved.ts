import canonicalize from 'canonicalize';
import type { PlanFile } from '../schema/index.ts';

/** A plan as far as it is compared: one that was made just now, or one from plan.json. */
type Compared = Pick<PlanFile, 'revision' | 'steps' | 'risks'>;
type ComparedStep = Compared['steps'][number];

/** Pure: what changed between two plans for the same request, in words for the person who approved the first. */
export function movedSince(before: Compared, now: Compared): readonly string[] {
  const moved: string[] = [];
  if (before.revision !== now.revision)
    moved.push(`the commit moved from ${before.revision.slice(0, 8)} to ${now.revision.slice(0, 8)}`);
  moved.push(...movedSteps(before.steps, now.steps));
  const known = new Set(before.risks.map(({ message }) => message));
  moved.push(
    ...now.risks.filter(({ message }) => !known.has(message)).map(({ message }) => `new risk: ${message}`),
  );
  return moved.length > 0 ? moved : ['details of the systems differ from when the plan was made'];
}

/** Pure: how steps differ from those of an earlier plan. */
export function movedSteps(before: readonly ComparedStep[], now: readonly ComparedStep[]): readonly string[] {
  const name = ({ stage, service, target }: ComparedStep): string => `${stage} ${service} ${target}`;
  const old = new Map(before.map((step) => [name(step), step]));
  const moved = now.flatMap((step): readonly Moved[] => {
    const was = old.get(name(step));
    old.delete(name(step));
    const differs = (side: 'before' | 'after'): boolean =>
      canonicalize(was?.[side]) !== canonicalize(step[side]);
    if (was === undefined) return [{ step, text: `${step.target} now has to change: ${step.cause}` }];
    if (differs('before')) return [{ step, text: `${step.target} is not as it was: ${step.cause}` }];
    if (differs('after'))
      return [{ step, text: `${step.target} would become something else than was shown` }];
    return [];
  });
  const gone = [...old.values()].map((step) => ({ step, text: `${step.target} no longer has to change` }));
  return essential([...moved, ...gone]).map(({ text }) => text);
}

interface Moved {
  readonly step: ComparedStep;
  readonly text: string;
}

/** How a service is proved to work follows from what it becomes: told only where nothing else of it moved. */
function essential(moved: readonly Moved[]): readonly Moved[] {
  const changed = new Set(
    moved.filter(({ step }) => step.stage !== 'verify').map(({ step }) => step.service),
  );
  return moved.filter(({ step }) => step.stage !== 'verify' || !changed.has(step.service));
}
