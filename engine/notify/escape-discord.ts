const invisible = '\u200b';

/** Outside text in Discord's Markdown: it can neither format, nor link, nor look like a mention. */
export function escapeDiscord(line: string): string {
  return line
    .replaceAll(/[\\`*_~|<>[\]()#@]/g, '\\$&')
    .replaceAll(/\b(https?|discord):\/\//gi, `$1:${invisible}//`)
    .replace(/^(\s*)([-+])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/, '$1\\$2');
}
