import { defineConfig } from 'vite';

/**
 * The `sentinel` command in one file and a few that are loaded when needed. A pipeline starts it a dozen times, and
 * finding and reading its seven hundred modules one by one took longer than most of what it is started for.
 */
export default defineConfig({
  root: import.meta.dirname,
  logLevel: 'warn',
  ssr: {
    target: 'node',
    noExternal: true,
    // Programs for this machine, beside which they find files of theirs; and one that tries what may not be installed.
    external: ['better-sqlite3', 'ssh2', '@resvg/resvg-js', 'dejavu-fonts-ttf', 'discord.js'],
  },
  build: {
    ssr: 'bot/cli.ts',
    outDir: 'dist/bot',
    emptyOutDir: false,
    target: 'node20',
    minify: false,
    sourcemap: true,
    rolldownOptions: {
      output: { entryFileNames: 'cli.js', chunkFileNames: 'cli/[name].js' },
    },
  },
});
