import { good, warning, wrong, type Finding } from './finding.ts';

const noticeableSeconds = 10;
const harmfulSeconds = 60;

/** How far another clock is from ours. Tokens, certificates and records of who did what when need the same time. */
export function clockFinding(
  about: Pick<Finding, 'area' | 'subject'>,
  { theirs, ours, whose }: { readonly theirs: Date; readonly ours: Date; readonly whose: string },
): Finding {
  const seconds = Math.round((theirs.getTime() - ours.getTime()) / 1000);
  const apart = Math.abs(seconds);
  if (apart < noticeableSeconds) return good(about, `${whose} and ours show the same time.`);
  const says = `${whose} is ${inWords(apart)} ${seconds > 0 ? 'ahead of' : 'behind'} ours.`;
  const mend =
    'Let both machines keep time by NTP (`timedatectl set-ntp true`); `timedatectl` tells which is wrong.';
  return apart < harmfulSeconds ? warning(about, says, mend) : wrong(about, says, mend);
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3600)} hours`;
}
