import { DockerError } from './docker-error.ts';
import { parseReference } from './reference.ts';
import type { RemoteImage, SimulatedRegistry } from './registry.ts';

/** An image on a host's disk. */
export interface LocalImage extends RemoteImage {
  readonly tags: Set<string>;
  readonly repoDigests: Set<string>;
  lastTagged: Date | undefined;
}

/** The images of one host. */
export interface Images {
  all(): readonly LocalImage[];
  /** By id, short id, tag or digest; undefined when the host does not have it. */
  find(name: string): LocalImage | undefined;
  /** Like `find`, or the daemon's 404. */
  get(name: string): LocalImage;
  /** Pulls; tells whether anything was new. */
  pull(name: string): { readonly image: LocalImage; readonly isNew: boolean };
  /** Asks the registry only. */
  lookUp(name: string): RemoteImage;
  tag(name: string, target: string): void;
  untag(name: string, inUse: (image: LocalImage) => boolean): readonly Record<string, string>[];
}

/** An empty image store that pulls from `registry`; `disk` throws when nothing more fits. */
export function createImages(registry: SimulatedRegistry, disk: (message: string) => void): Images {
  const store = new Map<string, LocalImage>();

  const find = (name: string): LocalImage | undefined => {
    const bare = name.replace(/^sha256:/, '');
    if (/^[0-9a-f]{12,64}$/.test(bare))
      for (const image of store.values()) if (image.id.startsWith(`sha256:${bare}`)) return image;
    const { familiar } = parseReference(name);
    for (const image of store.values())
      if (image.tags.has(familiar) || image.repoDigests.has(familiar)) return image;
    return undefined;
  };
  const get = (name: string): LocalImage => {
    const image = find(name);
    if (image) return image;
    const shown = name.startsWith('sha256:') ? name : parseReference(name).familiar;
    throw new DockerError(404, `No such image: ${shown}`);
  };
  const moveTag = (tag: string, image: LocalImage) => {
    for (const other of store.values()) other.tags.delete(tag);
    image.tags.add(tag);
  };

  return {
    all: () => [...store.values()],
    find,
    get,
    lookUp: (name) => registry.lookUp(parseReference(name)),
    pull(name) {
      const reference = parseReference(name);
      const remote = lookUpForPull(registry, name);
      const known = store.get(remote.id);
      if (!known) disk(`write /var/lib/docker/tmp/GetImageBlob${Date.now()}: no space left on device`);
      const image = known ?? { ...remote, tags: new Set(), repoDigests: new Set(), lastTagged: undefined };
      const isNew = !known || (reference.digest === undefined && !known.tags.has(reference.familiar));
      store.set(image.id, image);
      if (reference.digest === undefined) moveTag(reference.familiar, image);
      image.repoDigests.add(`${reference.repository}@${remote.digest}`);
      return { image, isNew };
    },
    tag(name, target) {
      const image = get(name);
      moveTag(parseReference(target).familiar, image);
      image.lastTagged = new Date();
    },
    untag(name, inUse) {
      const image = get(name);
      const tag = [...image.tags].find((one) => one === parseTag(name)) ?? [...image.tags][0];
      if (image.tags.size <= 1 && inUse(image))
        throw new DockerError(409, `conflict: unable to remove repository reference "${name}" (must force)`);
      if (tag !== undefined) image.tags.delete(tag);
      const gone: Record<string, string>[] = tag === undefined ? [] : [{ Untagged: tag }];
      if (image.tags.size > 0) return gone;
      store.delete(image.id);
      return [...gone, ...[...image.repoDigests].map((one) => ({ Untagged: one })), { Deleted: image.id }];
    },
  };
}

const parseTag = (name: string) => (name.startsWith('sha256:') ? name : parseReference(name).familiar);

function lookUpForPull(registry: SimulatedRegistry, name: string): RemoteImage {
  const reference = parseReference(name);
  try {
    return registry.lookUp(reference);
  } catch (error) {
    if (!(error instanceof DockerError) || error.status !== 404) throw error;
    throw new DockerError(404, `manifest for ${reference.familiar} not found: ${error.message}`);
  }
}
