import { DockerError } from '../docker-error.ts';
import { volumeShape } from '../shapes/system-shapes.ts';
import { type Answer, type Call, json, name } from './call.ts';

function volumeOf(call: Call) {
  const volume = call.daemon.volumes.get(name(call));
  if (!volume) throw new DockerError(404, `get ${name(call)}: no such volume`);
  return volume;
}

export function inspectVolume(call: Call): Answer {
  return json(volumeShape(volumeOf(call)));
}

export function removeVolume(call: Call): Answer {
  const { name: volume } = volumeOf(call);
  const user = call.daemon.containers.find(({ spec }) =>
    spec.mounts.some((one) => one.type === 'volume' && one.source === volume),
  );
  if (user) throw new DockerError(409, `remove ${volume}: volume is in use - [${user.id}]`);
  call.daemon.volumes.delete(volume);
  return { status: 204 };
}
