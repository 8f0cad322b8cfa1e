import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { hostFilesSuite } from './host-files-suite.ts';

hostFilesSuite('files of a simulated host', () => createSimulatedWorld());
