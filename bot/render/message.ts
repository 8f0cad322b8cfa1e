/** A message as the renderers make it: already escaped, not yet fitted to Discord's limits. */
export interface Message {
  /** Roles to call once, at creation; mentions in edits do not notify. */
  readonly mention?: readonly string[];
  readonly content?: string;
  readonly embeds: readonly Embed[];
  readonly rows?: readonly (readonly Control[])[];
  readonly files?: readonly TextFile[];
  /** The whole text, attached when something had to be cut. */
  readonly whole?: TextFile;
  /** Shown in the first embed. What it says is also in words: it may be left out where it cannot be drawn. */
  readonly picture?: Picture;
}
export interface Embed {
  readonly title: string;
  readonly description?: string;
  readonly colour: number;
  readonly fields?: readonly Field[];
  readonly footer?: string;
  readonly timestamp?: string;
}
export interface Field {
  readonly name: string;
  readonly value: string;
  readonly inline?: boolean;
}
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** A picture before it is drawn, so that equal messages stay equal. */
export interface Picture {
  /** Of the file; another picture has another name. */
  readonly name: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly svg: string;
}

export type Control = Button | Link | Select;
export interface Button {
  readonly kind: 'button';
  readonly style: 'primary' | 'secondary' | 'success' | 'danger';
  readonly label: string;
  readonly id: string;
}
export interface Link {
  readonly kind: 'link';
  readonly label: string;
  readonly url: string;
}
export interface Select {
  readonly kind: 'select';
  readonly id: string;
  readonly placeholder: string;
  readonly choices: readonly { readonly label: string; readonly value: string; readonly hint?: string }[];
}

/** A dialogue with one text to type. */
export interface Modal {
  readonly id: string;
  readonly title: string;
  readonly field: {
    readonly id: string;
    readonly label: string;
    readonly hint: string;
    readonly long: boolean;
    readonly required: boolean;
  };
}

/** Never the only carrier of meaning: a symbol and a word always say the same. */
export const colour = {
  neutral: 0x5865f2,
  waiting: 0xfee75c,
  running: 0x3498db,
  good: 0x57f287,
  warning: 0xe67e22,
  bad: 0xed4245,
  quiet: 0x95a5a6,
} as const;
