/** Where the tag is in an image reference: `registry:5000/group/name:tag@sha256:…`. */
export interface ImageReference {
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

export function parseImage(reference: string): ImageReference {
  const [named = '', digest = null] = reference.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/'); // a colon before the last slash belongs to the registry's port
  return {
    name: hasTag ? named.slice(0, colon) : named,
    tag: hasTag ? named.slice(colon + 1) : null,
    digest,
  };
}

/** A tag, with or without the digest it must have. */
export const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(@sha256:[0-9a-f]{64})?$/;
