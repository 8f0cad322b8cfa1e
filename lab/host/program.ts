import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import type { Container } from './container.ts';

/** A program of an image that is played in this process, for containers that do more than show a page. */
export interface Program {
  /** Starts with the container; ends it with `inside.exit`. */
  start(inside: Inside): Running;
  /** `docker exec` with that command line; undefined: the image has no such program. */
  exec(argv: readonly string[], inside: Inside, stdin: () => Promise<string>): Promise<Executed> | undefined;
}
export interface Running {
  /** What it answers on a port inside; undefined: nothing listens there. */
  answer(port: number, path: string): { readonly status: number; readonly body: string } | undefined;
  stop(): void;
}
export interface Executed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
/** What a program sees of its container. */
export interface Inside {
  readonly env: Readonly<Record<string, string>>;
  /** Text of a file in a mount; undefined when there is none. */
  readonly read: (path: string) => string | undefined;
  readonly say: (text: string) => void;
  readonly exit: (code: number) => void;
}

/** A container from within. A file that is mounted by itself stays the one it was when the container started. */
export function insideOf(container: Container, exit: (code: number) => void): Inside {
  const single = new Map<string, string>();
  for (const { type, source, target } of container.spec.mounts) {
    if (type !== 'bind' || !isFile(source)) continue;
    const handle = openSync(source, 'r');
    container.cleanups.push(() => closeSync(handle));
    single.set(target, `/proc/self/fd/${handle}`);
  }
  return {
    env: container.spec.env,
    read(path) {
      const file = single.get(path) ?? throughMounts(container, path);
      try {
        return file === undefined ? undefined : readFileSync(file, 'utf8');
      } catch {
        return undefined;
      }
    },
    say: (text) => void container.logs.push({ stream: 'stderr', at: new Date(), text }),
    exit,
  };
}

function throughMounts({ spec }: Container, path: string): string | undefined {
  const mount = spec.mounts
    .filter(({ type, target }) => type === 'bind' && path.startsWith(`${target.replace(/\/$/, '')}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0];
  return mount && posix.join(mount.source, path.slice(mount.target.replace(/\/$/, '').length));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
