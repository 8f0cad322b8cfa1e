/** Text of an SVG document, every outside word of it already escaped. */
export type Svg = string;

/** What was drawn, and where the next thing begins. */
export interface Drawn {
  readonly parts: readonly Svg[];
  readonly y: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Outside text between tags or in an attribute; what XML 1.0 does not know is left out. */
export function xml(outside: string): string {
  return outside
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\ufffe\uffff]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export interface Writing {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly ink: string;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** One line of text; `y` is its baseline. */
export function line(text: string, { x, y, size, ink, bold = false, anchor = 'start' }: Writing): Svg {
  const weight = bold ? ' font-weight="bold"' : '';
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" fill="${ink}" text-anchor="${anchor}"${weight}>${xml(text)}</text>`;
}

export function box(
  { x, y, width, height }: Box,
  look: { readonly fill: string; readonly edge?: string; readonly dashed?: boolean; readonly round?: number },
): Svg {
  const edge = look.edge === undefined ? '' : ` stroke="${look.edge}" stroke-width="2"`;
  const dashes = look.dashed === true ? ' stroke-dasharray="6 4"' : '';
  return `<rect x="${px(x)}" y="${px(y)}" width="${px(width)}" height="${px(height)}" rx="${look.round ?? 4}" fill="${look.fill}"${edge}${dashes}/>`;
}

export function rule(x1: number, y1: number, to: { readonly x: number; readonly y: number }): Svg {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(to.x)}" y2="${px(to.y)}" stroke="#3f4147" stroke-width="2"/>`;
}

/** A whole picture on its own dark card, so that it looks right on any background. */
export function picture(width: number, height: number, parts: readonly Svg[]): Svg {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const card = box({ x: 0, y: 0, width: w, height: h }, { fill: '#232428', round: 16 });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="DejaVu Sans">${[card, ...parts].join('')}</svg>`;
}

const narrow = /[ijlIftr.,:;'|!()[\]{}\-\s·]/;
const broad = /[mwMW@%—✓✗↩■…]/;

/** About how wide a line of DejaVu Sans is: rather too much than too little. */
export function widthOf(text: string, size: number, bold = false): number {
  const ems = Array.from(text).reduce((sum, letter) => sum + emsOf(letter), 0);
  return ems * size * (bold ? 1.1 : 1);
}

function emsOf(letter: string): number {
  if (narrow.test(letter)) return 0.42;
  if (broad.test(letter) || letter > '\u2fff') return 1;
  return /[A-Z]/.test(letter) ? 0.72 : 0.64;
}

/** As much of a line as there is room for. */
export function cutTo(
  text: string,
  room: number,
  { size, bold = false }: { size: number; bold?: boolean },
): string {
  if (widthOf(text, size, bold) <= room) return text;
  const letters = Array.from(text);
  while (letters.length > 0 && widthOf(`${letters.join('')}…`, size, bold) > room) letters.pop();
  return letters.length === 0 ? '' : `${letters.join('').trimEnd()}…`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
