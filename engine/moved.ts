import type { Plan, Step } from './types.ts';

/** Pure: what changed between two plans for the same request, in words for the person who approved the first. */
export function movedSince(before: Plan, now: Plan): readonly string[] {
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

function movedSteps(before: readonly Step[], now: readonly Step[]): readonly string[] {
  const name = ({ stage, service, target }: Step): string => `${stage} ${service} ${target}`;
  const old = new Map(before.map((step) => [name(step), step]));
  const moved = now.flatMap((step) => {
    const was = old.get(name(step));
    old.delete(name(step));
    if (was === undefined) return [`${step.target} now has to change: ${step.cause}`];
    if (JSON.stringify(was.before) !== JSON.stringify(step.before))
      return [`${step.target} is not as it was: ${step.cause}`];
    if (JSON.stringify(was.after) !== JSON.stringify(step.after))
      return [`${step.target} would become something else: ${step.cause}`];
    return [];
  });
  return [...moved, ...[...old.values()].map(({ target }) => `${target} no longer has to change`)];
}
