import { commandsPage } from './commands-page.ts';
import { configurationPage } from './configuration-page.ts';

/** The pages of docs/ that are made from the code, by their path. */
export async function pages(): Promise<Readonly<Record<string, string>>> {
  return { 'docs/commands.md': await commandsPage(), 'docs/configuration.md': configurationPage() };
}
