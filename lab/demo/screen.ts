import { renderMessage, type DiscordState, type LabMessage } from '../discord/index.ts';

/** Where the conversation is shown. */
export interface Screen {
  scene(title: string): void;
  says(who: string, what: string): void;
  shows(where: string, message: LabMessage): void;
  note(text: string): void;
}

export function createScreen(out: NodeJS.WriteStream, state: DiscordState): Screen {
  const colour = out.isTTY && process.env['NO_COLOR'] === undefined;
  const paint = (code: number, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.min(out.columns || 92, 100);
  const write = (text: string): void => void out.write(`${text}\n`);
  return {
    scene: (title) =>
      write(`\n${paint(1, `── ${title} ${'─'.repeat(Math.max(0, width - title.length - 4))}`)}\n`),
    says: (who, what) => write(`${paint(36, who)}  ${what}\n`),
    shows: (where, message) =>
      write(`${paint(90, where)}\n${renderMessage(message, { colour, width, state })}\n`),
    note: (text) => write(paint(90, text)),
  };
}
