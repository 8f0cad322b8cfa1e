/** Why the bot cannot run, in words for the person who starts it. The process ends with a non-zero code. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}
