import type { Plan, ShownChange, Step } from '../../engine/index.ts';
import { changeLine } from './change.ts';
import type { Field } from './message.ts';
import { isSide, sideLine } from './side-step.ts';
import { words } from './text.ts';

/** What one service is about: its containers, then one line for each system around it. */
export interface StepGroup {
  readonly field: Field;
  /** How many steps it tells. */
  readonly steps: number;
}

/** The effects of a plan for a person, service by service in the order in which they come. */
export function stepGroups(steps: readonly Step[]): readonly StepGroup[] {
  const effects = steps.filter(({ stage }) => stage !== 'verify');
  return [...new Set(effects.map(({ service }) => service))].flatMap((service) => {
    const own = effects.filter((step) => step.service === service);
    const side = own.filter(isSide);
    const lines = side.map(sideLine);
    const [first, ...others] = own.filter((step) => !isSide(step)).map(stepField);
    if (first === undefined)
      return [{ field: { name: words(service), value: lines.join('\n') }, steps: side.length }];
    return [
      {
        field: { ...first, value: [first.value, ...lines].filter((line) => line !== '').join('\n') },
        steps: 1 + side.length,
      },
      ...others.map((field) => ({ field, steps: 1 })),
    ];
  });
}

/** One step on a host: what it is about, then what changes, the image first. */
function stepField(step: Step): Field {
  const images = step.changes.filter(({ what }) => what.startsWith(imageOf));
  const rest = step.changes.filter((change) => !images.includes(change) && isTold(step, change));
  const lines = [
    ...images.map((change) => imageLine(change, images.length > 1)),
    ...causesOf(step),
    ...rest.map(changeLine),
    ...(step.irreversible === undefined ? [] : [`⚠️ cannot be undone: ${words(step.irreversible)}`]),
  ];
  return {
    name: `${words(step.service)} on ${words(step.system)}`,
    value: lines.filter((line) => line !== '').join('\n'),
  };
}

/** The tag that goes and the one that comes, when the plan is about one image of one service. */
export function versionsOf({ steps }: Plan): { readonly from: string; readonly to: string } | null {
  const changes = steps.flatMap((step) =>
    step.stage === 'deploy' ? step.changes.filter(({ what }) => what.startsWith('image')) : [],
  );
  const [only] = changes;
  if (only === undefined || changes.length > 1 || only.before === null || only.after === null) return null;
  const [old, wanted] = [parseImage(only.before), parseImage(only.after)];
  if (old.name !== wanted.name || old.tag === '' || wanted.tag === '' || old.tag === wanted.tag) return null;
  return { from: old.tag, to: wanted.tag };
}

const imageOf = 'image';

/** `grafana:10.2.3 → grafana:10.4.0`; whole references where more than the tag changes. */
function imageLine({ what, before, after }: ShownChange, several: boolean): string {
  const label = several ? `${words(what.replace(/^image of /, ''))}: ` : '';
  if (before === null || after === null)
    return `${label}${before === null ? `new: **${words(after ?? '')}**` : `**${words(before)}** → gone`}`;
  const [old, wanted] = [parseImage(before), parseImage(after)];
  const shorten = ({ name, tag }: Image): string => `${name.split('/').at(-1) ?? name}:${tag}`;
  const same = old.name === wanted.name && old.tag !== '' && wanted.tag !== '' && old.tag !== wanted.tag;
  const [from, to] = same ? [shorten(old), shorten(wanted)] : [before, after];
  return `${label}**${words(from)} → ${words(to)}**`;
}

interface Image {
  readonly name: string;
  readonly tag: string;
}
/** The tag is after the last colon, unless that colon belongs to a port. */
function parseImage(reference: string): Image {
  const [, name = reference, tag = ''] = /^(.+):([^/:\s]+)$/.exec(reference) ?? [];
  return { name, tag };
}

/** Containers of a service that is not there yet go without saying. */
function isTold({ before }: Step, { what }: ShownChange): boolean {
  return before !== null || !what.startsWith('container ');
}

/** Causes that are more than the changes in other words. */
function causesOf({ cause, changes }: Step): readonly string[] {
  if (changes.length === 0) return [words(cause)];
  const news = cause.split('; ').filter((part) => !repeats.some((pattern) => pattern.test(part)));
  return news.length === 0 ? [] : [words(news.join('; '))];
}
const repeats: readonly RegExp[] = [
  /^image (?:differs|.+ → .+)$/,
  /^\S+ (?:changed|is new|goes away)$/,
  /^the \.env (?:is new|goes away)$/,
];
