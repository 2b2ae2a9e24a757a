export { createThreats } from './create-threats.ts';
export type { RequestEnd, Threats, ThreatsDeps } from './create-threats.ts';
export { attackRefused, keptOut, stepUpRequired, throttled } from './threat-errors.ts';
export type { Assessment, RequestFacts, ThreatCaller } from './threat-types.ts';
