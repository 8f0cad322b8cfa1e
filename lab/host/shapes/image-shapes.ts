import { imageCommand, imageHealth } from '../container.ts';
import type { LocalImage } from '../images.ts';
import { engineVersion } from '../versions.ts';
import { ageOf } from '../words.ts';
import { healthConfig, time } from './fields.ts';

/** `GET /images/{name}/json`. */
export function imageDetails(image: LocalImage) {
  return {
    Id: image.id,
    RepoTags: [...image.tags].sort(),
    RepoDigests: [...image.repoDigests],
    Parent: '',
    Comment: 'Imported from -',
    Created: time(image.created),
    Container: '',
    DockerVersion: engineVersion,
    Author: '',
    Config: {
      Hostname: '',
      User: '',
      ExposedPorts: { '80/tcp': {} },
      Env: imageEnv,
      Cmd: imageCommand(image),
      ...healthConfig(imageHealth(image)),
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      Labels: null,
    },
    Architecture: 'amd64',
    Os: 'linux',
    Size: imageSize,
    VirtualSize: imageSize,
    GraphDriver: { Data: {}, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: [image.digest] },
    Metadata: { LastTagTime: time(image.lastTagged) },
  };
}

const imageSize = 1_984_164;

export const imageEnv = ['PATH=/bin'];

/** An entry of `GET /images/json`. */
export function imageSummary(image: LocalImage) {
  return {
    Containers: -1,
    Created: Math.floor(image.created.getTime() / 1000),
    Id: image.id,
    Labels: null,
    ParentId: '',
    RepoDigests: [...image.repoDigests],
    RepoTags: image.tags.size > 0 ? [...image.tags] : ['<none>:<none>'],
    SharedSize: -1,
    Size: imageSize,
    VirtualSize: imageSize,
  };
}

/** `ageOf` again, for those who list images. */
export const imageAge = (image: LocalImage) => `${ageOf(image.created)} ago`;
