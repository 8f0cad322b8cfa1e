import type { Container } from '../container.ts';
import { messageOf } from '../docker-error.ts';
import { ComposeError } from './compose-error.ts';
import type { ComposeService, Dependency, Project } from './model.ts';
import { pullImages } from './pull.ts';
import { containersOf, inOrder, type Run, selectServices, serviceContainer } from './run.ts';
import { label, labelVersion, specOf } from './spec.ts';
import { removeContainer } from './down.ts';

export interface UpOptions {
  readonly services: readonly string[];
  readonly removeOrphans: boolean;
  readonly forceRecreate: boolean;
  readonly noRecreate: boolean;
  readonly noDeps: boolean;
  readonly noStart: boolean;
  readonly pull: 'always' | 'missing' | 'never' | undefined;
  readonly quietPull: boolean;
  readonly wait: boolean;
  readonly waitTimeoutMs: number;
  /** `-t`: seconds a container gets to stop. */
  readonly graceMs: number | undefined;
}

/** `docker compose up -d`. */
export async function up(run: Run, project: Project, options: UpOptions): Promise<void> {
  const services = selectServices(project, options.services, !options.noDeps);
  await pullMissing(run, services, options);
  createResources(run, project, services);
  await orphans(run, project, options);
  const inPlay = new Set(services.map(({ name }) => name));
  const recreated = new Set<string>();
  await inOrder(services, 'forwards', (service) => converge(run, { project, service, options, recreated }));
  if (options.noStart) return;
  await inOrder(services, 'forwards', (service) => start(run, project, service, inPlay));
  if (options.wait) await waitForAll(run, project, services, options.waitTimeoutMs);
}

async function pullMissing(run: Run, services: readonly ComposeService[], options: UpOptions): Promise<void> {
  if (options.pull === 'never') return;
  const always = options.pull === 'always';
  const needed = services.filter(
    ({ image, pullPolicy }) =>
      image !== '' && (always || pullPolicy === 'always' || !run.daemon.images.find(image)),
  );
  await pullImages(run, needed, { policy: 'always', quiet: options.quietPull, ignoreFailures: false });
}

function createResources(run: Run, project: Project, services: readonly ComposeService[]): void {
  const { daemon, progress } = run;
  const base = { [label.project]: project.name, [label.version]: labelVersion };
  for (const [key, { name, external }] of Object.entries(project.networks)) {
    if (!services.some(({ networks }) => networks.includes(key)) || daemon.networks.has(name)) continue;
    if (external) throw new ComposeError(1, `Error response from daemon: network ${name} not found`);
    progress(` Network ${name}  Creating`);
    daemon.make('networks', name, { ...base, [label.network]: key });
    progress(` Network ${name}  Created`);
  }
  for (const [key, { name, external }] of Object.entries(project.volumes)) {
    if (daemon.volumes.has(name)) continue;
    if (external) throw new ComposeError(1, `external volume "${name}" not found`);
    progress(` Volume "${name}"  Creating`);
    daemon.make('volumes', name, { ...base, [label.volume]: key });
    progress(` Volume "${name}"  Created`);
  }
}

async function orphans(run: Run, project: Project, options: UpOptions): Promise<void> {
  const names = new Set(project.services.map(({ name }) => name));
  const found = containersOf(run.daemon, project.name).filter(({ spec }) => !names.has(spec.service));
  if (found.length === 0) return;
  if (options.removeOrphans)
    await Promise.all(found.map((one) => removeContainer(run, one, options.graceMs)));
  else
    run.warn(
      `Found orphan containers ([${found.map(({ name }) => name).join(' ')}]) for this project. ` +
        'If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.',
    );
}

interface Convergence {
  readonly project: Project;
  readonly service: ComposeService;
  readonly options: UpOptions;
  /** Services with a new container in place of an old one; what depends on them gets a new one as well. */
  readonly recreated: Set<string>;
}

async function converge(run: Run, { project, service, options, recreated }: Convergence): Promise<void> {
  const { daemon, progress } = run;
  stopWhenKilled(run);
  const image = daemon.images.find(service.image);
  if (!image) throw new ComposeError(1, `Error response from daemon: No such image: ${service.image}`);
  const wanted = specOf(project, service, image);
  const old = serviceContainer(daemon, project.name, service.name);
  if (!old) {
    progress(` Container ${wanted.name}  Creating`);
    await attempt(() => daemon.create(wanted));
    progress(` Container ${wanted.name}  Created`);
    return;
  }
  const differs = [label.hash, label.image].some((key) => old.spec.labels[key] !== wanted.labels[key]);
  const dragged = service.dependsOn.some((dependency) => recreated.has(dependency.service));
  if (options.noRecreate || (!differs && !dragged && !options.forceRecreate)) {
    if (old.status === 'running') progress(` Container ${old.name}  Running`);
    else if (old.status !== 'restarting') progress(` Container ${old.name}  Created`);
    return;
  }
  recreated.add(service.name);
  progress(` Container ${old.name}  Recreate`);
  const replacement = await attempt(() =>
    daemon.create({
      ...wanted,
      mounts: keepAnonymous(wanted.mounts, old),
      name: `${old.id.slice(0, 12)}_${wanted.name}`,
    }),
  );
  await daemon.lifecycle.stop(old, options.graceMs);
  // A killed Compose goes no further, though the daemon still stops what it was told to.
  stopWhenKilled(run);
  await daemon.remove(old, true);
  replacement.name = wanted.name;
  progress(` Container ${wanted.name}  Recreated`);
}

function stopWhenKilled({ signal }: Run): void {
  if (signal.aborted) throw new ComposeError(130, 'canceled');
}

/** Anonymous volumes move over to the replacement. */
function keepAnonymous(mounts: Container['spec']['mounts'], old: Container): Container['spec']['mounts'] {
  return mounts.map((mount) => {
    if (mount.type !== 'volume' || !/^[0-9a-f]{64}$/.test(mount.source)) return mount;
    return old.spec.mounts.find(({ type, target }) => type === 'volume' && target === mount.target) ?? mount;
  });
}

async function attempt<T>(act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new ComposeError(1, `Error response from daemon: ${messageOf(error)}`);
  }
}

async function start(
  run: Run,
  project: Project,
  service: ComposeService,
  inPlay: ReadonlySet<string>,
): Promise<void> {
  const { daemon, progress } = run;
  const container = serviceContainer(daemon, project.name, service.name);
  if (!container || container.status === 'running') return;
  for (const dependency of service.dependsOn)
    if (inPlay.has(dependency.service)) await awaitDependency(run, project, dependency);
  stopWhenKilled(run);
  progress(` Container ${container.name}  Starting`);
  await attempt(() => daemon.lifecycle.start(container));
  progress(` Container ${container.name}  Started`);
}

async function awaitDependency(run: Run, project: Project, dependency: Dependency): Promise<void> {
  if (dependency.condition === 'service_started') return;
  const container = serviceContainer(run.daemon, project.name, dependency.service);
  if (!container) return;
  run.progress(` Container ${container.name}  Waiting`);
  const healthy = dependency.condition === 'service_healthy';
  const verdict = () => (healthy ? healthVerdict(container) : completionVerdict(container));
  await run.daemon.until(() => verdict() !== undefined, run.signal);
  const problem = verdict();
  if (problem !== undefined && problem !== '') {
    run.progress(` Container ${container.name}  ${healthy ? 'Error' : problem}`);
    throw new ComposeError(1, healthy ? `dependency failed to start: ${problem}` : problem);
  }
  run.progress(` Container ${container.name}  ${healthy ? 'Healthy' : 'Exited'}`);
}

/** undefined: not decided yet; empty: good. */
function healthVerdict(container: Container): string | undefined {
  if (container.status === 'exited') return `container ${container.name} exited (${container.exitCode})`;
  if (container.status !== 'running') return undefined;
  if (!container.health) return `container ${container.name} has no healthcheck configured`;
  if (container.health.status === 'unhealthy') return `container ${container.name} is unhealthy`;
  return container.health.status === 'healthy' ? '' : undefined;
}

function completionVerdict(container: Container): string | undefined {
  if (container.status !== 'exited') return undefined;
  if (container.exitCode === 0) return '';
  return `service "${container.spec.service}" didn't complete successfully: exit ${container.exitCode}`;
}

async function waitForAll(
  run: Run,
  project: Project,
  services: readonly ComposeService[],
  timeoutMs: number,
): Promise<void> {
  const containers = services.flatMap(({ name }) => serviceContainer(run.daemon, project.name, name) ?? []);
  for (const { name } of containers) run.progress(` Container ${name}  Waiting`);
  const verdict = (container: Container): string | undefined => {
    if (container.status === 'exited' || container.health) return healthVerdict(container);
    return container.status === 'running' ? '' : undefined;
  };
  // Compose looks every half second; a program that ends at once is seen as ended.
  const settled = new Promise((done) => setTimeout(done, 50));
  await settled;
  const limit = timeoutMs > 0 ? AbortSignal.any([run.signal, AbortSignal.timeout(timeoutMs)]) : run.signal;
  const decided = () =>
    containers.every((one) => verdict(one) === '') || containers.some((one) => Boolean(verdict(one)));
  try {
    await run.daemon.until(decided, limit);
  } catch {
    stopWhenKilled(run);
    throw new ComposeError(1, `application not healthy after ${timeoutMs / 1000}s`);
  }
  const problem = containers.map(verdict).find(Boolean);
  if (problem !== undefined) throw new ComposeError(1, problem);
  for (const { name } of containers) run.progress(` Container ${name}  Healthy`);
}
