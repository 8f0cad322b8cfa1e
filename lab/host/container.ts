import { randomBytes } from 'node:crypto';
import type { LocalImage } from './images.ts';
import type { Inside, Running } from './program.ts';

/** What a container is made from. */
export interface ContainerSpec {
  readonly name: string;
  /** As asked for: a tag, a digest or an id. */
  readonly imageName: string;
  readonly image: LocalImage;
  readonly labels: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  readonly ports: readonly PortBinding[];
  readonly mounts: readonly Mount[];
  readonly restart: { readonly name: string; readonly max: number };
  /** From the compose file; undefined means the image's own. */
  readonly healthcheck: HealthTest | undefined;
  readonly stopGraceMs: number | undefined;
  readonly init: boolean;
  readonly privileged: boolean;
  /** `bridge`-like network name, `host` or `none`. */
  readonly networkMode: string;
  readonly networks: readonly string[];
  readonly service: string;
}
export interface PortBinding {
  readonly address: string;
  /** 0: any free port. */
  readonly host: number;
  readonly container: number;
  readonly protocol: 'tcp' | 'udp';
}
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** A host path that is missing is made. */
  readonly createHostPath: boolean;
}
/** Times in milliseconds. */
export interface HealthTest {
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}
export interface HealthState {
  status: 'starting' | 'healthy' | 'unhealthy';
  streak: number;
  readonly log: {
    readonly start: Date;
    readonly end: Date;
    readonly exitCode: number;
    readonly output: string;
  }[];
}
export type ContainerStatus =
  'created' | 'running' | 'restarting' | 'exited' | 'dead' | 'paused' | 'removing';
export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly at: Date;
  readonly text: string;
}

/** One container of a simulated daemon. Only the lifecycle changes it. */
export interface Container {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly created: Date;
  /** Compose renames a replacement once the old one is gone. */
  name: string;
  status: ContainerStatus;
  exitCode: number;
  error: string;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  restarts: number;
  /** Its program accepts requests. */
  serving: boolean;
  /** A person stopped it, so `unless-stopped` leaves it. */
  stoppedByHand: boolean;
  health: HealthState | undefined;
  readonly logs: LogLine[];
  /** Ports as bound, once it runs. */
  bound: readonly PortBinding[];
  /** Undoes what running set up: listeners and timers. */
  readonly cleanups: (() => void)[];
  pid: number;
  /** Its program, where that is played in this process. */
  running: Running | undefined;
  inside: Inside | undefined;
}

/** A new container, not started. */
export function newContainer(spec: ContainerSpec): Container {
  return {
    id: randomBytes(32).toString('hex'),
    spec,
    name: spec.name,
    created: new Date(),
    status: 'created',
    exitCode: 0,
    error: '',
    startedAt: undefined,
    finishedAt: undefined,
    restarts: 0,
    serving: false,
    stoppedByHand: false,
    health: undefined,
    logs: [],
    bound: [],
    cleanups: [],
    pid: 0,
    running: undefined,
    inside: undefined,
  };
}

/** The health check that counts: the compose file's, else the image's. */
export function healthTestOf({ spec }: Container): HealthTest | undefined {
  if (spec.healthcheck) return spec.healthcheck.test[0] === 'NONE' ? undefined : spec.healthcheck;
  return imageHealth(spec.image);
}

/** The health check an image brings along. */
export function imageHealth({ behaviour }: LocalImage): HealthTest | undefined {
  if (behaviour.health === undefined) return undefined;
  const test =
    behaviour.health === 'fails'
      ? ['CMD', '/bin/false']
      : ['CMD', '/bin/wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'];
  return { test, interval: 1000, timeout: 1000, retries: 2, startPeriod: 0 };
}

/** The program an image starts when nothing else is said. */
export function imageCommand({ behaviour }: LocalImage): readonly string[] {
  return commandFor(behaviour);
}

/** The command line with that behaviour; real images have the same. */
export function commandFor(behaviour: LocalImage['behaviour']): readonly string[] {
  if (behaviour.anyPort) return ['/entrypoint.sh'];
  const plain =
    behaviour.startsAfter === undefined && !behaviour.printsEnvironment && behaviour.log === undefined;
  if (plain && behaviour.page !== undefined && !behaviour.exit)
    return ['/bin/httpd', '-f', '-p', '80', '-h', '/www'];
  return ['/bin/sh', '-c', programOf(behaviour)];
}

/** The behaviour as a shell program. */
function programOf(behaviour: LocalImage['behaviour']): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(2).replace(/\.?0+$/, '');
  const lines: string[] = [];
  if (behaviour.log !== undefined) lines.push(`echo '${behaviour.log.replaceAll("'", `'\\''`)}'`);
  if (behaviour.printsEnvironment) lines.push('env');
  if (behaviour.startsAfter !== undefined) lines.push(`sleep ${seconds(behaviour.startsAfter)}`);
  const serve = 'httpd -f -p 80 -h /www';
  const end = behaviour.exit;
  if (end && behaviour.page !== undefined) lines.push(`${serve} &`);
  if (end && end.after > 0) lines.push(`sleep ${seconds(end.after)}`);
  if (end) lines.push(`exit ${end.code}`);
  else lines.push(behaviour.page === undefined ? 'exec sleep 2147483647' : `exec ${serve}`);
  return lines.join('; ').replaceAll('&;', '&');
}
