import { describe, expect, it } from 'vitest';
import { decodeDockerLogs } from '../../../engine/providers/docker-logs.ts';

function frame(stream: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

describe('decodeDockerLogs', () => {
  it('puts both streams in order and keeps them apart', () => {
    const body = Buffer.concat([frame(1, 'one\n'), frame(2, 'oops\n'), frame(1, 'two\n')]);
    expect(decodeDockerLogs(body)).toEqual({
      text: 'one\noops\ntwo\n',
      stdout: 'one\ntwo\n',
      stderr: 'oops\n',
    });
  });

  it('joins a character that two frames share', () => {
    const bytes = Buffer.from('ü');
    const body = Buffer.concat([frame(1, bytes.subarray(0, 1)), frame(1, bytes.subarray(1))]);
    expect(decodeDockerLogs(body).text).toBe('ü');
  });

  it('keeps what there is of a frame cut short', () => {
    const body = Buffer.concat([frame(1, 'whole\n'), frame(1, 'half of it').subarray(0, 12)]);
    expect(decodeDockerLogs(body).text).toBe('whole\nhalf');
    expect(decodeDockerLogs(Buffer.concat([frame(1, 'whole\n'), Buffer.from([1, 0, 0])])).text).toBe(
      'whole\n',
    );
  });

  it('takes the log of a container with a terminal as it is', () => {
    expect(decodeDockerLogs(Buffer.from('plain text\r\n')).text).toBe('plain text\r\n');
    expect(decodeDockerLogs(Buffer.from('short')).text).toBe('short');
  });

  it('gives nothing for nothing', () => {
    expect(decodeDockerLogs(Buffer.alloc(0)).text).toBe('');
  });
});
