import { basename } from 'node:path';
import { parseChangesFile, type ChangesFile } from '../../schema/index.ts';
import { unknownService } from '../catalogue.ts';
import type { DefinitionPlace } from '../definitions/definition-paths.ts';
import type { Source } from '../ports.ts';
import { ProblemError, type Problem } from '../problems.ts';
import type { Checkout } from '../providers/git/checkout.ts';
import type { Fleet, Service } from '../types.ts';
import { chooseRange, resolveRange, type RangeOptions } from './commit-range.ts';
import { detectIn, fetchBase, pathsAround } from './detect-in.ts';
import { readOutFile, type OutOptions } from './files.ts';
import { limitChanges } from './named-services.ts';
import {
  environmentOf,
  folderSource,
  placeOf,
  repositoryDirectory,
  type RepositoryOptions,
} from './repository-options.ts';
import type { CliPorts } from './ports.ts';

export type SubjectOptions = RepositoryOptions & RangeOptions & OutOptions;

/** The definitions at the commit a command works on. */
export interface Reading {
  readonly checkout: Checkout;
  readonly place: DefinitionPlace;
  readonly source: Source;
  readonly environment: string;
  readonly fleet: Fleet;
  /** What is wrong with definitions that were left out. */
  readonly problems: readonly Problem[];
  readonly head: string;
}
/** What a command is about. */
export interface Subject extends Reading {
  readonly changes: ChangesFile;
  readonly deploy: readonly Service[];
  /** As they last were. */
  readonly remove: readonly Service[];
  /** Whether an earlier stage said so in changes.json. */
  readonly handedOn: boolean;
  /** Every definition at the commit before; empty when there is none to compare with. */
  readonly before: readonly Service[];
}

/** Problems in definitions, all of them: nothing is planned with any. */
export class DefinitionProblems extends Error {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super('the definitions have problems');
    this.name = 'DefinitionProblems';
    this.problems = problems;
  }
}

/** Finds what a command is about: the services named, else what changes.json says, else what the commits changed. */
export async function readSubject(
  { options, names }: { readonly options: SubjectOptions; readonly names: readonly string[] | null },
  ports: CliPorts,
  signal: AbortSignal,
): Promise<Subject> {
  const { reading, range, changes: found, handedOn } = await readHere(options, ports, signal);
  const { fleet, source, environment, checkout } = reading;
  const base = range.base === undefined || !(await checkout.has(range.base, signal)) ? null : range.base;
  const changes = names === null ? found : await named({ names, found, reading }, signal);
  const compared = changes.base ?? base;
  const before =
    compared === null ? [] : source.load(await checkout.tree(compared, signal), environment).fleet.services;
  const deploy = changes.deploy.flatMap(
    ({ name }) => fleet.services.find((service) => service.name === name) ?? [],
  );
  const remove = await Promise.all(
    changes.remove.map(
      async ({ name }) =>
        before.find((service) => service.name === name) ?? (await lastDefinition(name, reading, signal)),
    ),
  );
  return { ...reading, changes, deploy, remove, before, handedOn };
}

/** Reads the definitions and compares commits, or takes the comparison an earlier stage made. */
async function readHere(options: SubjectOptions, ports: CliPorts, signal: AbortSignal) {
  const reading = await readFleet(options, ports, signal);
  const { checkout, environment, head, problems } = reading;
  if (problems.length > 0) throw new DefinitionProblems(problems);
  const range = await resolveRange(checkout, { ...chooseRange(options, ports.env), head }, signal);
  await fetchBase(checkout, { base: range.base, ports }, signal);
  const place = placeOf(options, { environment, ...(await pathsAround(checkout, range, signal)) });
  const handedOn = await handedOnChanges(options, ports, head);
  const changes = handedOn ?? (await detectIn(checkout, { range, place }, { ports, signal })).changes;
  return { reading, range, changes, handedOn: handedOn !== null };
}

/** The definitions at the commit that is looked at, broken ones left out and told. */
export async function readFleet(
  options: RepositoryOptions & RangeOptions,
  ports: CliPorts,
  signal: AbortSignal,
): Promise<Reading> {
  const directory = repositoryDirectory(options, ports);
  const checkout = await ports.openCheckout(directory, signal);
  const chosen = { ...chooseRange(options, ports.env), base: undefined };
  const { head } = await resolveRange(checkout, chosen, signal);
  const tree = await checkout.tree(head, signal);
  const environment = environmentOf(options, ports);
  const place = placeOf(options, { environment, paths: tree.paths });
  const source = folderSource(basename(directory), place, checkout);
  const { fleet, problems } = source.load(tree, environment);
  return { checkout, place, source, environment, fleet, problems, head };
}

/** Of another commit it says nothing about this one. */
async function handedOnChanges(
  options: SubjectOptions,
  ports: CliPorts,
  head: string,
): Promise<ChangesFile | null> {
  const asked = options.base !== undefined || options.full === true;
  const text = asked ? undefined : await readOutFile(options, ports, 'changes.json');
  if (text === undefined) return null;
  const parsed = parseChangesFile(text, 'changes.json');
  if (!parsed.ok)
    throw new ProblemError({
      code: 'input-missing',
      message: `changes.json cannot be used: ${parsed.problems[0]?.message ?? 'it is not readable'}.`,
      hint: 'Let `sentinel detect` write it again, or delete it.',
    });
  return parsed.value.head === head ? parsed.value : null;
}

/** Services asked for by name are looked at whether they changed or not. */
async function named(
  {
    names,
    found,
    reading,
  }: { readonly names: readonly string[]; readonly found: ChangesFile; readonly reading: Reading },
  signal: AbortSignal,
): Promise<ChangesFile> {
  const { fleet, head } = reading;
  const limited = limitChanges(found, names);
  const known = new Set([...limited.deploy, ...limited.remove].map(({ name }) => name));
  const more = names.filter((name) => !known.has(name));
  const present = more.flatMap((name) => fleet.services.find((service) => service.name === name) ?? []);
  const gone = await Promise.all(
    more
      .filter((name) => !present.some((service) => service.name === name))
      .map((name) => lastDefinition(name, reading, signal)),
  );
  const all: ChangesFile = {
    ...limited,
    deploy: [
      ...limited.deploy,
      ...present.map(({ file, name }) => ({ path: file, name, action: 'modify' }) as const),
    ],
    remove: [
      ...limited.remove,
      ...gone.map(({ file, name }) => ({ path: file, name, action: 'delete' }) as const),
    ],
    head,
  };
  return limitChanges(all, names); // counts again
}

/** A service that is not defined any more, as it was before its definition went. Throws when Git knows no such name. */
export async function lastDefinition(
  name: string,
  { checkout, source, environment, fleet, head }: Reading,
  signal: AbortSignal,
): Promise<Service> {
  if (/^[a-z0-9][a-z0-9._-]*$/i.test(name))
    for (const commit of await checkout.before({ of: name, head }, signal)) {
      const { services } = source.load(await checkout.tree(commit, signal), environment).fleet;
      const found = services.find((service) => service.name === name);
      if (found !== undefined) return found;
    }
  const problem = unknownService(name, fleet.services);
  const shallow = await checkout.isShallow(signal);
  throw new ProblemError(
    shallow
      ? { ...problem, hint: 'This clone is shallow; with GIT_DEPTH: 0 its whole past is searched.' }
      : problem,
  );
}
