import type { Container } from '../container.ts';
import type { Daemon } from '../daemon.ts';
import type { ComposeService, Project } from './model.ts';
import { label } from './spec.ts';

/** What every compose command works with. */
export interface Run {
  readonly daemon: Daemon;
  readonly out: (text: string) => void;
  /** A line of progress; nothing with `--progress quiet`. */
  readonly progress: (line: string) => void;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The containers of a project, one-off ones left out. */
export const containersOf = (daemon: Daemon, project: string): readonly Container[] =>
  daemon.containers.filter(({ spec }) => spec.labels[label.project] === project);

export const serviceContainer = (daemon: Daemon, project: string, service: string): Container | undefined =>
  containersOf(daemon, project).find(({ spec }) => spec.labels[label.service] === service);

/** The services named on the command line with everything they depend on; all of them when none is named. */
export function selectServices(
  project: Project,
  names: readonly string[],
  withDependencies: boolean,
): readonly ComposeService[] {
  if (names.length === 0) return project.services;
  const byName = new Map(project.services.map((one) => [one.name, one]));
  const chosen = new Set<string>();
  const add = (name: string) => {
    const service = byName.get(name);
    if (!service) throw new Error(`no such service: ${name}`);
    if (chosen.has(name)) return;
    chosen.add(name);
    if (withDependencies)
      for (const { service: other } of service.dependsOn) if (byName.has(other)) add(other);
  };
  for (const name of names) add(name);
  return project.services.filter(({ name }) => chosen.has(name));
}

/** Runs `act` for all services in parallel, each after those it depends on (or before them, backwards). */
export async function inOrder(
  services: readonly ComposeService[],
  direction: 'forwards' | 'backwards',
  act: (service: ComposeService) => Promise<void>,
): Promise<void> {
  const started = new Map<string, Promise<void>>();
  const before = (service: ComposeService) =>
    direction === 'forwards'
      ? service.dependsOn.map(({ service: name }) => name)
      : services
          .filter((one) => one.dependsOn.some(({ service: name }) => name === service.name))
          .map(({ name }) => name);
  const byName = new Map(services.map((one) => [one.name, one]));
  const begin = (service: ComposeService): Promise<void> => {
    const known = started.get(service.name);
    if (known) return known;
    const needed = before(service).flatMap((name) => byName.get(name) ?? []);
    const work = Promise.all(needed.map(begin)).then(() => act(service));
    started.set(service.name, work);
    return work;
  };
  const results = await Promise.allSettled(services.map(begin));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
