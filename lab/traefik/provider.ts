import { dirname } from 'node:path/posix';
import { decode, type Decoded } from './decode.ts';
import { emptyRuntime, type Runtime, runtimeOf } from './runtime.ts';

export interface ProviderOptions {
  /** Every file of the directory and below, by absolute path. */
  readonly files: () => Promise<ReadonlyMap<string, string>>;
  readonly directory: string;
  readonly entryPoints: readonly string[];
  /** How often the directory is looked at, in place of being told about changes. */
  readonly pollMs: number;
  /** Changes are collected this long before they are read. */
  readonly throttleMs: number;
  readonly log: (line: string) => void;
}
export interface FileProvider {
  readonly runtime: Runtime;
  /** Reads everything now, whatever changed. */
  reload(): Promise<void>;
  /** Forgets everything and starts anew, as after a restart. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Loads a directory all or nothing, and again whenever something in its top level changes. */
export async function startProvider(options: ProviderOptions): Promise<FileProvider> {
  let runtime = emptyRuntime;
  let seen = '';
  let closed = false;
  let queue = Promise.resolve();
  const load = (files: ReadonlyMap<string, string>): void => {
    const read = tryLoad(files, options);
    if (read !== null) runtime = runtimeOf(read, options.entryPoints);
  };
  /** Only the directory itself is watched, so what changes below it is not noticed. */
  const top = (files: ReadonlyMap<string, string>): string =>
    JSON.stringify([...files].filter(([path]) => dirname(path) === options.directory));
  const reload = async (): Promise<void> => {
    const files = await options.files();
    seen = top(files);
    load(files);
  };
  const look = async (): Promise<void> => {
    const now = top(await options.files());
    if (now === seen || closed) return;
    await pause(options.throttleMs);
    await reload();
  };
  await reload();
  const timer = setInterval(() => {
    queue = queue.then(look).catch((error: unknown) => options.log(`error reading: ${String(error)}`));
  }, options.pollMs);
  return {
    get runtime() {
      return runtime;
    },
    reload,
    async restart() {
      runtime = emptyRuntime;
      await reload();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await queue;
    },
  };
}

function tryLoad(files: ReadonlyMap<string, string>, { log }: Pick<ProviderOptions, 'log'>): Decoded | null {
  const empty = () => new Map<string, Readonly<Record<string, unknown>>>();
  const merged = { routers: empty(), services: empty(), middlewares: empty() };
  const paths = [...files.keys()].filter((path) => /\.(ya?ml|toml)$/i.test(path)).toSorted();
  for (const path of paths) {
    let decoded;
    try {
      decoded = decode(files.get(path) ?? '');
    } catch (error) {
      log(`error="${path}: ${error instanceof Error ? error.message : String(error)}" providerName=file`);
      return null;
    }
    for (const kind of ['routers', 'services', 'middlewares'] as const)
      for (const [name, written] of Object.entries(decoded[kind])) {
        if (merged[kind].has(name))
          log(`HTTP ${kind.slice(0, -1)} already configured, skipping: ${name} in ${path}`);
        else merged[kind].set(name, written);
      }
  }
  return {
    routers: Object.fromEntries(merged.routers),
    services: Object.fromEntries(merged.services),
    middlewares: Object.fromEntries(merged.middlewares),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
