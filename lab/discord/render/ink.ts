/** Colours for a terminal, or none. */
export interface Ink {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly under: (text: string) => string;
  readonly rgb: (colour: number, text: string) => string;
  readonly button: (style: number, text: string) => string;
  readonly colour: boolean;
}

const code = (open: string, close: string) => (text: string) => `\u001b[${open}m${text}\u001b[${close}m`;
const same = (text: string) => text;

export const plain: Ink = {
  bold: same,
  dim: same,
  under: same,
  rgb: (_, text) => text,
  button: (_, text) => text,
  colour: false,
};

const BUTTONS: Readonly<Record<number, string>> = {
  1: '97;44',
  2: '97;100',
  3: '97;42',
  4: '97;41',
  5: '97;100',
};

export const coloured: Ink = {
  bold: code('1', '22'),
  dim: code('2', '22'),
  under: code('4', '24'),
  rgb: (colour, text) =>
    code(`38;2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`, '39')(text),
  button: (style, text) => code(BUTTONS[style] ?? '97;100', '0')(text),
  colour: true,
};
