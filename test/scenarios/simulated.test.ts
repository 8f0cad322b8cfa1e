import { createSimulatedWorld } from '../../lab/host/simulated-world.ts';
import { scenarios } from './suite.ts';

scenarios('simulated', () => createSimulatedWorld({ hosts: 1 }));
