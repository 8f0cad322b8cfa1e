import type { Container } from './container.ts';
import { DockerError, messageOf } from './docker-error.ts';
import { watchHealth } from './health.ts';
import type { PortTable } from './listeners.ts';
import { insideOf } from './program.ts';

/** Starts and stops containers and plays what their programs do. */
export interface Lifecycle {
  start(container: Container): Promise<void>;
  stop(container: Container, graceMs: number | undefined): Promise<void>;
  /** The program ends by itself; its restart policy decides what follows. */
  exit(container: Container, code: number): void;
  /** Everything of it ends at once, without the daemon noticing: a power cut. */
  cut(container: Container): void;
}
export interface LifecycleOptions {
  readonly ports: PortTable;
  /** Factor for waiting times: health intervals, restart delays, stop grace periods. */
  readonly pace: number;
  readonly changed: () => void;
}

/** The life of containers on one host. */
export function createLifecycle({ ports, pace, changed }: LifecycleOptions): Lifecycle {
  let nextPid = 1000;

  const later = (container: Container, ms: number, act: () => void) => {
    const timer = setTimeout(act, ms);
    container.cleanups.push(() => clearTimeout(timer));
  };

  const run = async (container: Container): Promise<void> => {
    const ranBefore = container.status;
    try {
      container.bound = await ports.open(container);
    } catch (error) {
      cleanUp(container);
      container.error = messageOf(error);
      container.status = ranBefore === 'created' ? 'created' : 'exited';
      changed();
      throw error;
    }
    container.status = 'running';
    container.startedAt = new Date();
    container.exitCode = 0;
    container.error = '';
    container.pid = nextPid++;
    container.stoppedByHand = false;
    play(container);
    watchHealth(container, pace, changed);
    changed();
  };

  const play = (container: Container) => {
    const { behaviour } = container.spec.image;
    const say = (text: string) => container.logs.push({ stream: 'stdout', at: new Date(), text });
    if (behaviour.log !== undefined) say(behaviour.log);
    if (behaviour.printsEnvironment)
      for (const [name, value] of Object.entries(container.spec.env)) say(`${name}=${value}`);
    if (behaviour.program) {
      container.inside = insideOf(container, (code) => later(container, 5, () => exit(container, code)));
      container.running = behaviour.program.start(container.inside);
    }
    const delay = behaviour.startsAfter ?? 0;
    if (delay === 0) container.serving = true;
    else
      later(container, delay, () => {
        container.serving = true;
        changed();
      });
    const end = behaviour.exit;
    if (end) later(container, delay + Math.max(5, end.after), () => exit(container, end.code));
  };

  const end = (container: Container, code: number) => {
    cleanUp(container);
    container.exitCode = code;
    container.finishedAt = new Date();
    container.status = 'exited';
    container.pid = 0;
  };

  const exit = (container: Container, code: number) => {
    const ran = Date.now() - (container.startedAt?.getTime() ?? 0);
    end(container, code);
    const { name, max } = container.spec.restart;
    const again =
      name === 'always' ||
      name === 'unless-stopped' ||
      (name === 'on-failure' && code !== 0 && (max === 0 || container.restarts < max));
    if (again) {
      container.status = 'restarting';
      const step = ran > 10_000 ? 0 : Math.min(container.restarts, 9);
      later(container, Math.max(5, Math.min(60_000, 100 * 2 ** step) * pace), () => {
        container.restarts += 1;
        run(container).catch(() => undefined); // the reason is in container.error
      });
    }
    changed();
  };

  const stop = async (container: Container, graceMs: number | undefined): Promise<void> => {
    if (container.status !== 'running' && container.status !== 'restarting') return;
    container.stoppedByHand = true;
    const { stopsLate = false, anyPort = false } = container.spec.image.behaviour;
    const killed = container.status === 'running' && !anyPort && !(stopsLate && container.spec.init);
    const grace = stopsLate ? (graceMs ?? container.spec.stopGraceMs ?? 10_000) : 0;
    if (killed && grace > 0) await new Promise((done) => setTimeout(done, grace * pace));
    end(container, killed ? 137 : 143);
    changed();
  };

  return {
    start(container) {
      if (container.status === 'running') return Promise.resolve();
      if (container.status === 'removing')
        return Promise.reject(new DockerError(409, 'container is marked for removal and cannot be started'));
      cleanUp(container); // a restart that was waiting
      if (container.status !== 'restarting') container.restarts = 0;
      return run(container);
    },
    stop,
    exit,
    cut: cleanUp,
  };
}

function cleanUp(container: Container): void {
  container.serving = false;
  container.bound = [];
  container.running?.stop();
  container.running = undefined;
  container.inside = undefined;
  for (const undo of container.cleanups.splice(0)) undo();
}
