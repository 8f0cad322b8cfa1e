import { readFileSync } from 'node:fs';

const green = '\u001b[32;1m';
const red = '\u001b[31;1m';
const plain = '\u001b[0;m';
const prompt = '<gclShellPromptPlaceholder> ';

/** The log of one job, with the lines a runner writes around what the job itself writes. */
export interface Trace {
  /** Where the job's own output goes. */
  readonly file: string;
  section(name: string, title: string): void;
  line(text: string): void;
  /** What comes next is the job's own output. */
  script(): void;
  done(): void;
  failed(why: string): void;
  canceled(): void;
  /** Words that must not be readable in it. */
  mask(words: readonly string[]): void;
  text(): string;
}

export function createTrace(file: string): Trace {
  let head = `\u001b[0KRunning with gitlab-runner 17.11.0 (lab)${plain}\n\u001b[0K  on lab shell executor${plain}\n`;
  let tail = '';
  let open: string | null = null;
  let masked: readonly string[] = [];
  let own = false;

  const add = (text: string) => {
    if (own) tail += text;
    else head += text;
  };
  const close = () => {
    if (open !== null) add(`section_end:${now()}:${open}\r\u001b[0K`);
    open = null;
  };
  return {
    file,
    section: (name, title) => {
      close();
      open = name;
      add(`section_start:${now()}:${name}\r\u001b[0K\u001b[0K\u001b[36;1m${title}${plain}\n`);
    },
    line: (text) => add(`${text}\n`),
    script: () => (own = true),
    done: () => {
      close();
      add(`${green}Job succeeded${plain}\n`);
    },
    failed: (why) => {
      close();
      add(`${red}ERROR: Job failed: ${why}${plain}\n`);
    },
    canceled: () => {
      close();
      add(`${red}ERROR: Job failed: canceled${plain}\n`);
    },
    mask: (words) => {
      masked = words.filter((word) => word !== '').toSorted((one, other) => other.length - one.length);
    },
    text: () => {
      const whole = head + (own ? prompted(written(file)) : '') + tail;
      return masked.reduce((text, word) => text.replaceAll(word, '[MASKED]'), whole);
    },
  };
}

const now = (): number => Math.floor(Date.now() / 1000);

/** gitlab-ci-local marks the commands it is about to run; a runner shows them in green. */
function prompted(output: string): string {
  return output.replaceAll(new RegExp(`^${prompt}(.*)$`, 'gm'), `${green}$$ $1${plain}`);
}

function written(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
