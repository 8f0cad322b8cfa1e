/** Looks at everything Sentinel needs, and changes nothing. */
export {
  areaNames,
  areas,
  good,
  skipped,
  troubled,
  warning,
  wrong,
  type Area,
  type Finding,
} from './finding.ts';
export { answerOf, examine, type Check, type Examination } from './examine.ts';
export { clockFinding } from './clock-difference.ts';
export { roomForState, spaceFinding } from './space.ts';
export { aroundChecks } from './around.ts';
export { definitionFindings } from './definitions.ts';
export type { Place } from './places.ts';
export { gitlabProjectCheck, gitlabServerCheck, type WantedProject } from './gitlab.ts';
export { privateFile } from './private-file.ts';
export { programChecks } from './program.ts';
