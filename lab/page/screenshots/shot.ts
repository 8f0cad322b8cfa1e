import type { Page } from 'playwright-core';

/** One picture to take. */
export interface Shot {
  /** Where it is written, below `docs/pictures`. */
  readonly file: string;
  readonly theme: 'dark' | 'light';
  /** Of the window, in CSS pixels. */
  readonly width: number;
  /** Below the server's address; `theme` is added to its query. */
  readonly path: string;
  /** What is cropped to. */
  readonly selector: string;
  /** Brings the page to the state to be seen. */
  readonly prepare?: (page: Page) => Promise<void>;
}
