import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { pack } from 'tar-stream';
import { projectFile } from '../project-file.ts';

/** The Node the images get: the version of its modules' interface, and where it is when not this program's own. */
export interface BaseNode {
  readonly abi: string;
  readonly folder: string | null;
  /** A better_sqlite3.node for it. */
  readonly sqlite: string;
}

/** This program's own Node, or the one `LAB_NODE` names with `LAB_SQLITE` built for it. */
export function baseNode(env: Readonly<Record<string, string | undefined>>): BaseNode {
  const folder = env['LAB_NODE'] ?? null;
  return {
    folder,
    abi: env['LAB_NODE_ABI'] ?? process.versions.modules,
    sqlite: env['LAB_SQLITE'] ?? projectFile('node_modules/better-sqlite3/build/Release/better_sqlite3.node'),
  };
}

/**
 * Gives a Docker Engine images with the given names, made from this machine's Debian packages and Node. npm in them
 * asks `registry`, and finds better-sqlite3 in its cache, as if it had been downloaded before.
 */
export async function importBaseImages(options: {
  readonly dockerHost: string;
  readonly names: readonly string[];
  readonly registry: string;
  readonly node: BaseNode;
}): Promise<void> {
  const { dockerHost, names, registry, node } = options;
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-base-'));
  try {
    const over = join(folder, 'over');
    put(join(over, 'usr/local/etc/npmrc'), `registry=${registry}/\naudit=false\nupdate-notifier=false\n`);
    put(join(over, 'root/.npm/_prebuilds', prebuiltName(node.abi)), await prebuilt(node.sqlite));
    const [first = '', ...others] = names;
    const docker = ['docker', '-H', dockerHost];
    const script = `set -o pipefail; "$1" "$2" | ${docker.map((word) => `'${word}'`).join(' ')} import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$3"`;
    await execa('bash', ['-c', script, 'import', projectFile('lab/real/base-image.sh'), over, first], {
      env: node.folder === null ? {} : { LAB_NODE: node.folder },
    });
    for (const name of others) await execa('docker', ['-H', dockerHost, 'tag', first, name]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function put(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** The name prebuild-install keeps a download under. */
function prebuiltName(abi: string): string {
  const { version } = JSON.parse(
    readFileSync(projectFile('node_modules/better-sqlite3/package.json'), 'utf8'),
  ) as {
    readonly version: string;
  };
  const file = `better-sqlite3-v${version}-node-v${abi}-linux-x64.tar.gz`;
  const url = `https://github.com/WiseLibs/better-sqlite3/releases/download/v${version}/${file}`;
  return `${createHash('sha512').update(url).digest('hex').slice(0, 6)}-${file.replaceAll(/[^a-zA-Z0-9.]+/g, '-')}`;
}

async function prebuilt(file: string): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: 'build/Release/better_sqlite3.node', mode: 0o755 }, readFileSync(file));
  archive.finalize();
  return gzipSync(await buffer(archive));
}
