import { forceSimulation } from 'd3-force';

export const simulate = (nodes) => forceSimulation(nodes);
