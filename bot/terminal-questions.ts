import { confirm, select, text } from '@clack/prompts';
import type { Ask } from '../engine/cli/ask.ts';
import { ProblemError } from '../engine/index.ts';

/** Questions to the person at the terminal. */
export const terminalQuestions: Ask = {
  confirm: async (message, initialValue = false) =>
    answered<boolean>(await confirm({ message, initialValue })),
  text: async ({ question, initial, example, check }) =>
    answered<string>(
      await text({
        message: question,
        ...(initial === undefined ? {} : { initialValue: initial }),
        ...(example === undefined ? {} : { placeholder: example }),
        validate: (answer) => check?.((answer ?? '').trim()) ?? undefined,
      }),
    ).trim(),
  choose: async (message, choices) =>
    answered<string>(
      await select({
        message,
        options: choices.map(({ value, hint }) => ({
          value,
          label: value,
          ...(hint === undefined ? {} : { hint }),
        })),
      }),
    ),
};

function answered<T extends string | boolean>(answer: T | symbol): T {
  if (typeof answer === 'symbol')
    throw new ProblemError({ code: 'cancelled', message: 'Nothing was changed.' });
  return answer;
}
