import type { CommandView } from '../../view.ts';

export type Option = CommandView['options'][number];

/** A command as it is typed; `audit verify` is one of its own. */
export interface Leaf {
  readonly name: string;
  readonly description: string;
  /** Required ones first. */
  readonly options: readonly Option[];
}
/** An option with what was typed for it. */
export interface Chip {
  readonly option: string;
  /** What is sent. */
  readonly value: string;
  /** What a person reads; differs when a suggestion was chosen. */
  readonly shown: string;
}
export interface CommandLine {
  readonly leaf: Leaf;
  readonly chips: readonly Chip[];
  /** What was typed before the first option's name. */
  readonly rest: string;
}

const SUB = 1;
const GROUP = 2;

/** All that can be typed behind a slash. */
export function leavesOf(commands: readonly CommandView[]): readonly Leaf[] {
  return commands.flatMap((command) => leavesUnder(command.name, command));
}

function leavesUnder(
  name: string,
  { description, options = [] }: Pick<Option, 'description' | 'options'>,
): readonly Leaf[] {
  const subs = options.filter(({ type }) => type === SUB || type === GROUP);
  if (subs.length > 0) return subs.flatMap((sub) => leavesUnder(`${name} ${sub.name}`, sub));
  return [{ name, description, options: options.toSorted((one, other) => rank(one) - rank(other)) }];
}

function rank(option: Option): number {
  return option.required === true ? 0 : 1;
}

/** `/plan service:grafana` taken apart; null when it is no command that is known, or its name is still being typed. */
export function parseCommandLine(text: string, leaves: readonly Leaf[]): CommandLine | null {
  const longestFirst = leaves.toSorted((one, other) => other.name.length - one.name.length);
  const leaf = longestFirst.find(({ name }) => text.startsWith(`/${name} `));
  return leaf === undefined ? null : { leaf, ...parseOptions(text.slice(leaf.name.length + 2), leaf) };
}

/** `service:grafana revision:v1 of it` taken apart at the names the command knows. */
export function parseOptions(text: string, leaf: Leaf): Omit<CommandLine, 'leaf'> {
  const known = leaf.options.map(({ name }) => name).join('|');
  if (known === '') return { chips: [], rest: text };
  const [rest = '', ...parts] = text.split(new RegExp(`(?:^|\\s+)(${known}):`, 'u'));
  const chips: Chip[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const value = (parts[index + 1] ?? '').trim();
    chips.push({ option: parts[index] ?? '', value, shown: value });
  }
  return { chips, rest };
}

/** A command as one could type it. */
export function writeCommandLine(leaf: Leaf, chips: readonly Chip[]): string {
  return [`/${leaf.name}`, ...chips.map(({ option, value }) => `${option}:${value}`)].join(' ') + ' ';
}
