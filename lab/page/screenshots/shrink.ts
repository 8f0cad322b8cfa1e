import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const most = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** `0xRRGGBB`, row by row. */
  readonly colours: Uint32Array;
}

/** The same picture with a palette of at most 256 colours: a quarter of the size, for flat colours and text. */
export function shrink(png: Buffer): Buffer {
  const pixels = decode(png);
  const { palette, indexes } = quantise(pixels.colours);
  const { width, height } = pixels;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8); // eight bits for each pixel, into a palette
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1)
    rows.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const smaller = [
    ...[chunk('IHDR', head), chunk('PLTE', colours)],
    ...[chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))],
  ];
  return Buffer.concat([signature, ...smaller]);
}

function chunk(name: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.byteLength);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** The kinds of picture a browser writes: eight bits for each of three or four channels, not interlaced. */
function decode(png: Buffer): Pixels {
  const parts: Buffer[] = [];
  for (let at = signature.byteLength; at < png.byteLength; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const stride = width * channels;
  const raw = inflateSync(Buffer.concat(parts));
  const colours = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y += 1) {
    const start = y * (stride + 1);
    const row = unfilter(raw[start] ?? 0, raw.subarray(start + 1, start + 1 + stride), { above, channels });
    for (let x = 0; x < width; x += 1) colours[y * width + x] = colourAt(row, x * channels);
    above = row;
  }
  return { width, height, colours };
}

function colourAt(row: Uint8Array, at: number): number {
  return ((row[at] ?? 0) << 16) | ((row[at + 1] ?? 0) << 8) | (row[at + 2] ?? 0);
}

function unfilter(
  filter: number,
  row: Uint8Array,
  { above, channels }: { readonly above: Uint8Array; readonly channels: number },
): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(row.length);
  for (let at = 0; at < row.length; at += 1) {
    const left = at < channels ? 0 : (plain[at - channels] ?? 0);
    const corner = at < channels ? 0 : (above[at - channels] ?? 0);
    const up = above[at] ?? 0;
    const guesses = [0, left, up, (left + up) >> 1, nearest(left, up, corner)];
    plain[at] = (row[at] ?? 0) + (guesses[filter] ?? 0);
  }
  return plain;
}

function nearest(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((each) => Math.abs(guess - each));
  if (toLeft === undefined || toUp === undefined || toCorner === undefined) return 0;
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Colours of whole areas: they stay as they are. */
const kept = 64;

/** The most frequent colours; every other one becomes the nearest of them. */
function quantise(colours: Uint32Array): {
  readonly palette: readonly number[];
  readonly indexes: Uint8Array;
} {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  // Colours that differ by little share a place, so that rare but different ones keep theirs.
  const groups = new Map<number, number>();
  const often = [...counts].toSorted((a, b) => b[1] - a[1]);
  for (const bits of [0xffffff, 0xfcfcfc, 0xf8f8f8, 0xf0f0f0, 0xe0e0e0]) {
    groups.clear();
    for (const [colour] of often.slice(kept))
      if (!groups.has(colour & bits)) groups.set(colour & bits, colour);
    if (groups.size <= most - kept) break;
  }
  const palette = [...often.slice(0, kept).map(([colour]) => colour), ...groups.values()].slice(0, most);
  const places = new Map(often.map(([colour]) => [colour, closest(colour, palette)]));
  return { palette, indexes: Uint8Array.from(colours, (colour) => places.get(colour) ?? 0) };
}

function closest(colour: number, palette: readonly number[]): number {
  let best = 0;
  let least = Infinity;
  for (const [place, each] of palette.entries()) {
    const distance =
      ((colour >> 16) - (each >> 16)) ** 2 +
      (((colour >> 8) & 255) - ((each >> 8) & 255)) ** 2 +
      ((colour & 255) - (each & 255)) ** 2;
    if (distance < least) [best, least] = [place, distance];
  }
  return best;
}
