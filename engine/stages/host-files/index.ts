/** Reading and replacing single files on a host, without losing anybody's change. */
export { keptDirectory } from './kept.ts';
export { readHostFiles, readHostTexts, readKept, type HostTexts, type Reading } from './read.ts';
export { writeHostFiles, type FileWrite, type Patience, type Writing, type Written } from './write.ts';
