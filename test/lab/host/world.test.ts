import { describe } from 'vitest';
import { createSimulatedWorld } from '../../../lab/host/simulated-world.ts';
import { describeWorld } from './world-contract.ts';

describe('a simulated world', () => describeWorld(() => createSimulatedWorld({ hosts: 1 })));
