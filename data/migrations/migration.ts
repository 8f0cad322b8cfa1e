/** One change of the tables. Once released it is never edited; the next change is a new file. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}
