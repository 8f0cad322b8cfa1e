import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What of a lock file's entry a registry tells. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly [field: string]: unknown;
}
export interface OfflineRegistry {
  readonly url: string;
  /** Names it was asked for and could not give; empty when all went well. */
  readonly missing: readonly string[];
  close(): Promise<void>;
}

/**
 * A package registry that has what one lock file names, from npm's cache on this machine: an image can be built where
 * no network is. Listens where the lab's hosts reach it.
 */
export async function startOfflineRegistry(
  packages: Readonly<Record<string, LockedPackage>>,
  address: string,
): Promise<OfflineRegistry> {
  const cache = await cacheFolder();
  const missing: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const digest = /^-\/([0-9a-f]{128})\.tgz$/.exec(path)?.[1];
    const file = digest === undefined ? null : contentOf(cache, digest);
    if (file !== null && existsSync(file)) {
      createReadStream(file).pipe(response);
      return;
    }
    const document = digest === undefined ? describe(packages, path, url()) : null;
    if (document === null) missing.push(path);
    response.writeHead(document === null ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? { error: 'not found' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, address, resolve);
  });
  const url = (): string => {
    const at = server.address();
    return `http://${address}:${typeof at === 'object' && at !== null ? at.port : 0}`;
  };
  return {
    url: url(),
    missing,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Packages of a lock file, without those of other platforms, that npm's cache on this machine does not hold. */
export async function notCached(
  packages: Readonly<Record<string, LockedPackage>>,
): Promise<readonly string[]> {
  const cache = await cacheFolder();
  return Object.entries(packages)
    .filter(([, { integrity, optional }]) => integrity !== undefined && optional !== true)
    .filter(([, { integrity = '' }]) => !existsSync(contentOf(cache, hexOf(integrity))))
    .map(([path]) => path);
}

/** What a registry answers about a package. Without a place in the lock file npm asks this for each. */
function describe(
  packages: Readonly<Record<string, LockedPackage>>,
  name: string,
  url: string,
): object | null {
  const found = Object.entries(packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
  const [first] = found;
  if (first === undefined) return null;
  const versions = Object.fromEntries(
    found.map(([, { version = '', integrity = '', ...rest }]) => [
      version,
      { ...rest, name, version, dist: { integrity, tarball: `${url}/-/${hexOf(integrity)}.tgz` } },
    ]),
  );
  return { name, 'dist-tags': { latest: first[1].version }, versions };
}

const hexOf = (integrity: string): string =>
  Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
const contentOf = (cache: string, digest: string): string =>
  join(cache, '_cacache/content-v2/sha512', digest.slice(0, 2), digest.slice(2, 4), digest.slice(4));

async function cacheFolder(): Promise<string> {
  const { stdout } = await execa('npm', ['config', 'get', 'cache'], { reject: false });
  return stdout.trim() === '' ? join(homedir(), '.npm') : stdout.trim();
}
