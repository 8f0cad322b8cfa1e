import type { Container } from '../container.ts';
import { ComposeError } from './compose-error.ts';
import type { ComposeService, Project } from './model.ts';
import { containersOf, inOrder, type Run, serviceContainer } from './run.ts';
import { label } from './spec.ts';

export interface DownOptions {
  readonly removeOrphans: boolean;
  readonly volumes: boolean;
  readonly graceMs: number | undefined;
}

/** `docker compose down`; a project without a file is known by its containers' labels alone. */
export async function down(run: Run, project: Project | string, options: DownOptions): Promise<void> {
  const { daemon, progress } = run;
  const name = typeof project === 'string' ? project : project.name;
  const services = typeof project === 'string' ? [] : project.services;
  const known = new Set(services.map((one) => one.name));
  const all = typeof project === 'string' || options.removeOrphans;
  if (all)
    await Promise.all(
      containersOf(daemon, name)
        .filter(({ spec }) => !known.has(spec.service))
        .map((one) => removeContainer(run, one, options.graceMs)),
    );
  await inOrder(services, 'backwards', async (service) => {
    const container = serviceContainer(daemon, name, service.name);
    if (container) await removeContainer(run, container, options.graceMs);
  });
  if (options.volumes) removeVolumes(run, name);
  for (const network of [...daemon.networks.values()].filter((one) => one.labels[label.project] === name)) {
    progress(` Network ${network.name}  Removing`);
    if (daemon.containers.some(({ spec }) => spec.networks.includes(network.name))) {
      progress(` Network ${network.name}  Resource is still in use`);
      continue;
    }
    daemon.networks.delete(network.name);
    progress(` Network ${network.name}  Removed`);
  }
}

function removeVolumes({ daemon, progress }: Run, project: string): void {
  for (const { name, labels } of [...daemon.volumes.values()]) {
    if (labels[label.project] !== project) continue;
    progress(` Volume ${name}  Removing`);
    if (daemon.containers.some(({ spec }) => spec.mounts.some(({ source }) => source === name))) {
      progress(` Volume ${name}  Resource is still in use`);
      continue;
    }
    daemon.volumes.delete(name);
    progress(` Volume ${name}  Removed`);
  }
}

/** Stops and removes one container, told as compose tells it. */
export async function removeContainer(
  run: Run,
  container: Container,
  graceMs: number | undefined,
): Promise<void> {
  const { daemon, progress } = run;
  progress(` Container ${container.name}  Stopping`);
  await daemon.lifecycle.stop(container, graceMs);
  progress(` Container ${container.name}  Stopped`);
  progress(` Container ${container.name}  Removing`);
  await daemon.remove(container, true);
  progress(` Container ${container.name}  Removed`);
}

/** `docker compose stop`. */
export async function stop(
  run: Run,
  services: readonly ComposeService[],
  options: { project: string; graceMs: number | undefined },
): Promise<void> {
  await inOrder(services, 'backwards', async (service) => {
    const container = serviceContainer(run.daemon, options.project, service.name);
    if (container?.status !== 'running' && container?.status !== 'restarting') return;
    run.progress(` Container ${container.name}  Stopping`);
    await run.daemon.lifecycle.stop(container, options.graceMs);
    run.progress(` Container ${container.name}  Stopped`);
  });
}

/** `docker compose start`. */
export async function startStopped(
  run: Run,
  services: readonly ComposeService[],
  project: string,
): Promise<void> {
  if (containersOf(run.daemon, project).length === 0) {
    const first = services.find(({ dependsOn }) => dependsOn.length === 0);
    throw new ComposeError(1, `service "${first?.name ?? ''}" has no container to start`);
  }
  await inOrder(services, 'forwards', async (service) => {
    const container = serviceContainer(run.daemon, project, service.name);
    if (!container || container.status === 'running') return;
    run.progress(` Container ${container.name}  Starting`);
    await run.daemon.lifecycle.start(container);
    run.progress(` Container ${container.name}  Started`);
  });
}

/** `docker compose restart`. */
export async function restart(
  run: Run,
  services: readonly ComposeService[],
  options: { project: string; graceMs: number | undefined },
): Promise<void> {
  await inOrder(services, 'forwards', async (service) => {
    const container = serviceContainer(run.daemon, options.project, service.name);
    if (!container) return;
    run.progress(` Container ${container.name}  Restarting`);
    await run.daemon.lifecycle.stop(container, options.graceMs);
    await run.daemon.lifecycle.start(container);
    run.progress(` Container ${container.name}  Started`);
  });
}
