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
    if (differs('before')) return liveChanges(was, step).map((text) => ({ step, text }));
    if (differs('after'))
      return [{ step, text: `${step.target} would become something else than was shown` }];
    return [];
  });
  const gone = [...old.values()].map((step) => ({ step, text: `${step.target} no longer has to change` }));
  return essential([...moved, ...gone]).map(({ text }) => text);
}

const planned = 'when this was planned';

/** What was there and what is; the new plan's own words would say what is to come. */
function liveChanges(was: ComparedStep, now: ComparedStep): readonly string[] {
  const { target } = now;
  if (was.before === null) return [`${target} was not there ${planned}, now it is`];
  if (now.before === null) return [`${target} was there ${planned}, now it is not`];
  const told = now.stage === 'deploy' ? changesOnHost(target, was.before, now.before) : [];
  return told.length > 0 ? told : [`${target} is not as it was ${planned}`];
}

/** Where another image runs, its files and containers are others too: told only where the images are the same. */
function changesOnHost(target: string, was: object, now: object): readonly string[] {
  const ran = listed(textsOf(was, 'images'));
  const runs = listed(textsOf(now, 'images'));
  if (ran !== runs) return [`${ran} ran ${planned}, now ${runs} runs`];
  const files = changed(textsOf(was, 'files'), textsOf(now, 'files')).map(
    ([file]) => `${file} of ${target} is not as it was ${planned}`,
  );
  const containers = changed(textsOf(was, 'containers'), textsOf(now, 'containers')).map(
    ([name, before, after]) =>
      `the container ${name} of ${target} was ${before ?? 'not there'} ${planned}, now it is ${after ?? 'gone'}`,
  );
  return [...files, ...containers];
}

function listed(images: ReadonlyMap<string, string>): string {
  return images.size === 0 ? 'nothing' : [...new Set(images.values())].toSorted().join(', ');
}

function changed(
  was: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): readonly (readonly [string, string | undefined, string | undefined])[] {
  return [...new Set([...was.keys(), ...now.keys()])]
    .map((name) => [name, was.get(name), now.get(name)] as const)
    .filter(([, before, after]) => before !== after);
}

/** One part of a state, as plan.json may have it too: texts by name, an image by its reference. */
function textsOf(state: object, part: 'images' | 'files' | 'containers'): ReadonlyMap<string, string> {
  const found: unknown = Object.entries(state).find(([name]) => name === part)?.[1];
  if (typeof found !== 'object' || found === null) return new Map();
  return new Map(
    Object.entries(found).flatMap(([name, value]: [string, unknown]): [string, string][] => {
      if (typeof value === 'string') return [[name, value]];
      const isImage = typeof value === 'object' && value !== null && 'reference' in value;
      return isImage && typeof value.reference === 'string' ? [[name, value.reference]] : [];
    }),
  );
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
