/** A text written between backticks, without the line break it begins with. */
export function lines(text: string): string {
  return text.replace(/^\n/, '');
}
