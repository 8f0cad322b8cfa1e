export interface DockerLogs {
  /** Both streams in the order they were written. */
  readonly text: string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The body of `/containers/<id>/logs`: frames of an 8-byte header (stream, three zeros, big-endian length) and a
 * payload; or plain text, when the container has a terminal. A last frame cut short is kept as far as it goes.
 */
export function decodeDockerLogs(body: Buffer): DockerLogs {
  const frames = splitFrames(body);
  if (frames === null) {
    const text = body.toString('utf8');
    return { text, stdout: text, stderr: '' };
  }
  // Joined before decoding: a frame may end in the middle of a character.
  const join = (wanted: readonly Frame[]) =>
    Buffer.concat(wanted.map(({ payload }) => payload)).toString('utf8');
  return {
    text: join(frames),
    stdout: join(frames.filter(({ stream }) => stream !== 2)),
    stderr: join(frames.filter(({ stream }) => stream === 2)),
  };
}

interface Frame {
  readonly stream: number;
  readonly payload: Buffer;
}

/** Null when this is not a multiplexed stream. */
function splitFrames(body: Buffer): readonly Frame[] | null {
  const frames: Frame[] = [];
  let offset = 0;
  while (offset < body.length) {
    const header = body.subarray(offset, offset + 8);
    if (header.length < 8) return frames.length > 0 ? frames : null;
    const stream = header.readUInt8(0);
    if (stream > 2 || header.readUIntBE(1, 3) !== 0) return null;
    const length = header.readUInt32BE(4);
    frames.push({ stream, payload: body.subarray(offset + 8, offset + 8 + length) });
    offset += 8 + length;
  }
  return frames;
}
