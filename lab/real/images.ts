import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { execa } from 'execa';
import { type Header, pack } from 'tar-stream';
import { commandFor } from '../host/container.ts';
import type { Behaviour } from '../world.ts';

/** Pushes images to a real registry over its HTTP API; what runs in them is busybox. */
export interface ImageStore {
  /** Answers the digest of the manifest. */
  push(repository: string, tag: string, behaviour: Behaviour): Promise<string>;
  /** Gives the image of one tag a second one. */
  copyTag(
    repository: string,
    from: string,
    to: { readonly repository: string; readonly tag: string },
  ): Promise<void>;
}

const compress = promisify(gzip);
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const configType = 'application/vnd.docker.container.image.v1+json';
const layerType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
}
interface Layer extends Blob {
  /** Digest of the uncompressed layer, which the image's configuration names. */
  readonly diffId: string;
}

/** A store for the registry at `address` (`10.0.0.2:5000`). */
export function createImageStore(address: string): ImageStore {
  const at = (repository: string, rest: string) => `http://${address}/v2/${repository}/${rest}`;
  let base: Promise<Layer> | undefined;

  const pushBlob = async (repository: string, { digest, bytes }: Blob): Promise<void> => {
    const known = await fetch(at(repository, `blobs/${digest}`), { method: 'HEAD' });
    if (known.ok) return;
    const upload = await fetch(at(repository, 'blobs/uploads/'), { method: 'POST' });
    const location = new URL(upload.headers.get('location') ?? '', `http://${address}`);
    location.host = address;
    location.searchParams.set('digest', digest);
    await need(fetch(location, { method: 'PUT', body: new Uint8Array(bytes) }));
  };

  const pushManifest = async (repository: string, tag: string, body: string): Promise<void> => {
    await need(
      fetch(at(repository, `manifests/${tag}`), {
        method: 'PUT',
        body,
        headers: { 'content-type': manifestType },
      }),
    );
  };

  return {
    async push(repository, tag, behaviour) {
      const layers = [await (base ??= busyboxLayer()), await pageLayer(behaviour)];
      const config = blobOf(Buffer.from(JSON.stringify(configOf(behaviour, layers))));
      for (const blob of [...layers, config]) await pushBlob(repository, blob);
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: configType, size: config.bytes.length, digest: config.digest },
        layers: layers.map(({ bytes, digest }) => ({ mediaType: layerType, size: bytes.length, digest })),
      });
      await pushManifest(repository, tag, manifest);
      return digestOf(Buffer.from(manifest));
    },
    async copyTag(repository, from, to) {
      const found = await need(
        fetch(at(repository, `manifests/${from}`), { headers: { accept: manifestType } }),
      );
      const text = await found.text();
      for (const digest of new Set(text.match(/sha256:[0-9a-f]{64}/g) ?? [])) {
        const blob = await need(fetch(at(repository, `blobs/${digest}`)));
        await pushBlob(to.repository, { digest, bytes: Buffer.from(await blob.arrayBuffer()) });
      }
      await pushManifest(to.repository, to.tag, text);
    },
  };
}

async function need(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(`the registry answered ${response.status}: ${await response.text()}`);
  return response;
}

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const blobOf = (bytes: Buffer): Blob => ({ digest: digestOf(bytes), bytes });

async function layerOf(
  entries: readonly (readonly [Partial<Header> & { readonly name: string }, string | Buffer])[],
): Promise<Layer> {
  const archive = pack();
  for (const [header, content] of entries) archive.entry({ mtime: new Date(0), ...header }, content);
  archive.finalize();
  const plain = await buffer(archive);
  return { ...blobOf(await compress(plain)), diffId: digestOf(plain) };
}

/** busybox with all its names, enough of /etc to start, and the directories programs expect. */
async function busyboxLayer(): Promise<Layer> {
  const { stdout } = await execa('busybox', ['--list']);
  const directories = ['bin', 'etc', 'tmp', 'www'].map(
    (name) => [{ name, type: 'directory', mode: 0o755 }, ''] as const,
  );
  const links = stdout
    .split('\n')
    .filter((name) => name !== 'busybox' && name !== '')
    .map((name) => [{ name: `bin/${name}`, type: 'symlink', linkname: 'busybox' }, ''] as const);
  return layerOf([
    ...directories,
    [{ name: 'bin/busybox', mode: 0o755 }, readFileSync('/bin/busybox')],
    [{ name: 'etc/passwd', mode: 0o644 }, 'root:x:0:0:root:/:/bin/sh\n'],
    ...links,
  ]);
}

const pageLayer = ({ page = '' }: Behaviour) =>
  layerOf([[{ name: 'www/index.html', mode: 0o644 }, `${page.trimEnd()}\n`]]);

function configOf(behaviour: Behaviour, layers: readonly Layer[]) {
  const test =
    behaviour.health === 'fails'
      ? ['CMD', '/bin/false']
      : ['CMD', '/bin/wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'];
  const second = 1_000_000_000;
  const Healthcheck = { Test: test, Interval: second, Timeout: second, Retries: 2 };
  const config = {
    Cmd: commandFor(behaviour),
    Env: ['PATH=/bin'],
    ...(behaviour.page === undefined ? {} : { ExposedPorts: { '80/tcp': {} } }),
    ...(behaviour.health === undefined ? {} : { Healthcheck }),
    // As the first process of a container, busybox does not listen to SIGTERM, and every stop would take ten seconds.
    ...(behaviour.stopsLate === true ? {} : { StopSignal: 'SIGKILL' }),
  };
  return {
    architecture: 'amd64',
    os: 'linux',
    // Two images published with the same behaviour are two images.
    created: new Date().toISOString(),
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created_by: 'lab' })),
  };
}
