import {
  changesAnything,
  type DeployState,
  type Proposal,
  type SideStage,
  type StepOf,
} from '../../engine/index.ts';
import { isPartial } from './left-out.ts';
import { isSide, nounOf } from './side-step.ts';
import { count, inARow } from './text.ts';

/** One line a person can decide on: "1 container changes, about 5 s of downtime, nothing else". */
export function verdict({ plan, request }: Pick<Proposal, 'plan' | 'request'>): string {
  const isLeft = isPartial(plan);
  const andLeft = isLeft ? '; something wanted is left out: see Risks' : '';
  const effects = plan.steps.filter((step) => step.stage !== 'verify' && changesAnything(step));
  if (effects.length === 0) return `${withoutEffects({ plan, request })}${andLeft}`;
  const tally = { added: 0, changed: 0, removed: 0, volumes: false };
  for (const step of effects) if (step.stage === 'deploy') tallyStep(step, tally);
  const stops = tally.removed > 0 && effects.every((step) => step.stage !== 'deploy' || isRemoval(step));
  const added = arriving(tally.added, effects.filter(isSide));
  const parts = [
    tally.added > 0 ? added : '',
    tally.changed > 0 ? count(tally.changed, 'container changes', 'containers change') : '',
    tally.removed > 0 ? `${count(tally.removed, 'container is', 'containers are')} removed` : '',
    tally.volumes ? 'its volumes are deleted for good' : '',
    tally.added > 0 ? '' : added,
    ...aroundParts(effects.filter(isSide)),
    stops
      ? 'the service stops'
      : plan.downtime > 0
        ? `about ${Math.ceil(plan.downtime)} s of downtime`
        : 'no downtime',
  ].filter((part) => part !== '');
  return `${parts.join(', ')}${isLeft ? ', but not everything: see Risks' : tally.volumes ? '' : ', nothing else'}`;
}

function withoutEffects({ plan, request }: Pick<Proposal, 'plan' | 'request'>): string {
  const isUnknown = plan.risks.some(({ code }) => code === 'plan-unknown');
  if (request.kind === 'gate' && isUnknown) return 'What the job changes is not known';
  return request.kind === 'keep'
    ? 'Only Git changes: it then says what is there'
    : 'Nothing on the hosts changes';
}

function isRemoval({ after }: StepOf<'deploy'>): boolean {
  return Object.keys(after?.images ?? {}).length === 0;
}

/** `1 container, 1 route and 1 name are added` */
function arriving(containers: number, steps: readonly StepOf<SideStage>[]): string {
  const around = steps.filter(({ before }) => before === null);
  const nouns = [...(containers > 0 ? [count(containers, 'container')] : []), ...counted(around)];
  const isOne = containers + around.length === 1;
  return nouns.length === 0 ? '' : `${inARow(nouns)} ${isOne ? 'is' : 'are'} added`;
}

function counted(steps: readonly StepOf<SideStage>[]): readonly string[] {
  return [...new Set(steps.map(nounOf))].map((noun) =>
    count(steps.filter((step) => nounOf(step) === noun).length, noun),
  );
}

/** `1 route changes` */
function aroundParts(steps: readonly StepOf<SideStage>[]): readonly string[] {
  const said = (some: readonly StepOf<SideStage>[], one: string, several: string): string =>
    some.length === 0 ? '' : `${inARow(counted(some))} ${some.length === 1 ? one : several}`;
  return [
    said(
      steps.filter(({ before, after }) => before !== null && after !== null),
      'changes',
      'change',
    ),
    said(
      steps.filter(({ after }) => after === null),
      'goes',
      'go',
    ),
  ];
}

interface Tally {
  added: number;
  changed: number;
  removed: number;
  volumes: boolean;
}

function tallyStep({ before, after }: StepOf<'deploy'>, tally: Tally): void {
  const old = before?.images ?? {};
  const wanted = after?.images ?? {};
  for (const name of new Set([...Object.keys(old), ...Object.keys(wanted)])) {
    const [was, becomes] = [old[name], wanted[name]];
    if (becomes === undefined) tally.removed += 1;
    else if (was === undefined || before?.containers[name] === 'missing') tally.added += 1;
    else if (changes(name, before, after)) tally.changed += 1;
  }
  if (after?.deleteVolumes === true) tally.volumes = true;
}

/** Compose recreates what a changed file or `.env` may concern; nobody can say more before it is done. */
function changes(name: string, before: DeployState | null, after: DeployState | null): boolean {
  if (before === null || after === null) return true;
  const [was, becomes] = [before.images[name], after.images[name]];
  const image = was?.reference !== becomes?.reference || was?.digest !== becomes?.digest;
  const files = JSON.stringify(before.files) !== JSON.stringify(after.files) || before.env !== after.env;
  return image || files || before.containers[name] !== after.containers[name];
}
