import { loadConfig, startBot } from '../../bot/start.ts';
import { labPace } from './lab-bot.ts';

/** The bot as a process of its own, for the scenarios that kill it: `bot-process.js <bot.yml> <Discord's REST address>`. */
const [, , file = '', discordApi = ''] = process.argv;
const config = loadConfig({ file, env: process.env });
if (!config.ok) throw new Error(config.problems.map(({ message }) => message).join('\n'));
const bot = await startBot(config.value, { discordApi, pace: labPace });
process.on('SIGTERM', () => void bot.stop().then(() => process.exit(0)));
bot.failed.catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
