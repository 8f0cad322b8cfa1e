/** Reading and replacing single files on a host, without losing anybody's change. */
export { keptDirectory } from './kept.ts';
export { readHostFiles, readKept, type Reading } from './read.ts';
export { writeHostFiles, type FileWrite, type Writing, type Written } from './write.ts';
