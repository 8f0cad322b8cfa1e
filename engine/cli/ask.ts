/** Talks with the person at the terminal. Every question throws a `cancelled` problem when it is left unanswered. */
export interface Ask {
  confirm(question: string, initial?: boolean): Promise<boolean>;
  text(question: TextQuestion): Promise<string>;
  choose(question: string, choices: readonly Choice[]): Promise<string>;
}
export interface TextQuestion {
  readonly question: string;
  /** What an empty answer means. */
  readonly initial?: string;
  readonly example?: string;
  /** What is wrong with an answer; null when it is good. */
  readonly check?: (answer: string) => string | null;
}
export interface Choice {
  readonly value: string;
  readonly hint?: string;
}
