import { DockerError } from '../docker-error.ts';
import { parseFilters } from '../filters.ts';
import { parseReference } from '../reference.ts';
import { imageDetails, imageSummary } from '../shapes/image-shapes.ts';
import { type Answer, type Call, json, name } from './call.ts';

export function listImages({ daemon, query }: Call): Answer {
  const wanted = parseFilters(query.get('filters')).get('reference') ?? [];
  const fits = (tag: string) =>
    wanted.length === 0 || wanted.some((one) => tag === one || tag.startsWith(`${one}:`));
  return json(
    daemon.images
      .all()
      .filter((image) => wanted.length === 0 || [...image.tags].some(fits))
      .map(imageSummary),
  );
}

export function pullImage({ daemon, query }: Call): Answer {
  const from = query.get('fromImage') ?? '';
  const tag = query.get('tag');
  const full =
    tag === null || tag === '' ? from : tag.startsWith('sha256:') ? `${from}@${tag}` : `${from}:${tag}`;
  const { image, isNew } = daemon.images.pull(full);
  const words = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
  const path = from.split('/').slice(1).join('/') || from;
  return {
    status: 200,
    lines: [
      { status: `Pulling from ${path.replace(/:.*/, '')}`, id: parseReference(full).tag },
      { status: `Digest: ${image.digest}` },
      { status: `Status: ${words} ${full}` },
    ],
  };
}

export function inspectImage(call: Call): Answer {
  const image = call.daemon.images.find(name(call));
  if (!image) throw new DockerError(404, `no such image: ${name(call)}: No such image: ${name(call)}`);
  return json(imageDetails(image));
}

export function tagImage(call: Call): Answer {
  const tag = call.query.get('tag');
  call.daemon.images.tag(name(call), `${call.query.get('repo') ?? ''}${tag === null ? '' : `:${tag}`}`);
  return { status: 201 };
}

export function removeImage(call: Call): Answer {
  const { images, containers } = call.daemon;
  return json(images.untag(name(call), (image) => containers.some(({ spec }) => spec.image === image)));
}

export function askRegistry(call: Call): Answer {
  const { digest } = call.daemon.images.lookUp(name(call));
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  return json({
    Descriptor: { mediaType, digest, size: 527 },
    Platforms: [{ architecture: 'amd64', os: 'linux' }],
  });
}
