import { createHash } from 'node:crypto';
import {
  type Behaviour,
  labImage,
  type Published,
  registryName,
  standardImages,
  type WorldRegistry,
} from '../world.ts';
import { DockerError } from './docker-error.ts';
import type { Program } from './program.ts';
import { parseReference, type Reference } from './reference.ts';

/** An image as a registry holds it. */
export interface RemoteImage {
  /** Digest of the manifest. */
  readonly digest: string;
  /** Digest of its configuration, which Docker calls the image id. */
  readonly id: string;
  readonly created: Date;
  readonly behaviour: Behaviour & { readonly anyPort?: boolean; readonly program?: Program };
}

/** All registries the simulated hosts know: the lab's, and the internet's with every image one could ask for. */
export interface SimulatedRegistry extends WorldRegistry {
  /** Answers like a registry: the manifest a reference means, or the daemon's error for it. */
  lookUp(reference: Reference): RemoteImage;
  /** Makes an image whose program is played in this process. */
  publishProgram(name: string, program: Program): Published;
}

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** A registry with the standard images. */
export function createRegistry(): SimulatedRegistry {
  const tags = new Map<string, RemoteImage>();
  const digests = new Map<string, RemoteImage>();
  const removed = new Set<string>();
  let down = false;
  let serial = 0;

  const keyOf = (name: string) => parseReference(labImage(name)).familiar;
  const put = (key: string, behaviour: RemoteImage['behaviour'], salt: string): RemoteImage => {
    const text = JSON.stringify(behaviour) + salt;
    const image = { digest: sha256(`manifest ${text}`), id: sha256(text), created: new Date(), behaviour };
    tags.set(key, image);
    digests.set(image.digest, image);
    removed.delete(key);
    return image;
  };
  for (const [name, behaviour] of Object.entries(standardImages)) put(keyOf(name), behaviour, name);

  const lookUp = (reference: Reference): RemoteImage => {
    if (down && reference.registry === registryName)
      throw new DockerError(500, refusedConnection(reference.registry));
    if (reference.registry.startsWith('registry.lab:') && reference.registry !== registryName)
      throw new DockerError(500, refusedConnection(reference.registry));
    if (reference.registry.endsWith('.example')) throw new DockerError(500, noSuchHost(reference.registry));
    const found =
      reference.digest === undefined ? tags.get(reference.familiar) : digests.get(reference.digest);
    if (found && !removed.has(reference.familiar)) return found;
    const open = reference.registry !== registryName && reference.digest === undefined;
    if (!open || removed.has(reference.familiar))
      throw new DockerError(404, 'manifest unknown: manifest unknown');
    return put(reference.familiar, { page: `${reference.familiar}\n`, anyPort: true }, reference.familiar);
  };

  return {
    lookUp,
    image: labImage,
    publish(name, behaviour): Promise<Published> {
      serial += 1;
      const { digest } = put(keyOf(name), behaviour, `${name} ${serial}`);
      return Promise.resolve({ image: labImage(name), digest });
    },
    publishProgram(name, program): Published {
      serial += 1;
      const { digest } = put(keyOf(name), { program }, `${name} ${serial}`);
      return { image: labImage(name), digest };
    },
    moveTag(name, to) {
      tags.set(keyOf(name), lookUp(parseReference(labImage(to))));
      removed.delete(keyOf(name));
      return Promise.resolve();
    },
    remove(name) {
      removed.add(keyOf(name));
      return Promise.resolve();
    },
    goDown() {
      down = true;
      return Promise.resolve();
    },
    comeBack() {
      down = false;
      return Promise.resolve();
    },
  };
}

const refusedConnection = (registry: string) =>
  `Get "https://${registry}/v2/": dial tcp 10.213.77.2:${registry.split(':')[1] ?? '443'}: connect: connection refused`;
const noSuchHost = (registry: string) =>
  `Get "https://${registry}/v2/": dial tcp: lookup ${registry} on 127.0.0.1:53: no such host`;
