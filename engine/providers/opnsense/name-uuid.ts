import { createHash } from 'node:crypto';

/** Ours alone, so that no other program comes to the same identifiers from the same names. */
const space = Buffer.from('5e9712e14b7f4c0f9a3d6f6d1e2a8c50', 'hex');

/** The same identifier for the same text, always (version 5 of RFC 9562). */
export function nameUuid(text: string): string {
  const bytes = createHash('sha1').update(space).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
