import type { Plan, ShownChange, Step } from '../../engine/index.ts';
import type { Field } from './message.ts';
import { words } from './text.ts';

/** One step of a plan for a person: what it is about, then what changes, the image first. */
export function stepField(step: Step): Field {
  const images = step.changes.filter(({ what }) => what.startsWith(imageOf));
  const rest = step.changes.filter((change) => !images.includes(change) && isTold(step, change));
  const lines = [
    ...images.map((change) => imageLine(change, images.length > 1)),
    ...causesOf(step),
    ...rest.map(changeLine),
    ...(step.irreversible === undefined ? [] : [`⚠ cannot be undone: ${words(step.irreversible)}`]),
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

/** Hashes and Docker's own words tell a person less than what happened. */
function changeLine({ what, before, after }: ShownChange): string {
  if (before === null) return `${words(what)}: new`;
  if (after === null) return `${words(what)}: gone`;
  const isHash = [before, after].every((side) => /^[0-9a-f]{12}$/.test(side));
  if (isHash || (before === 'differs' && after === 'current')) return `${words(what)}: changed`;
  return `${words(what)}: ${words(before)} → ${words(after)}`;
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
