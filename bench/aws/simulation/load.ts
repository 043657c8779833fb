import { measured, onLambda } from '../measured.ts';

/** Who calls, how often and how much; what the stack's pieces take. Every member can be set on the command line. */
export interface Load {
  seed: number;
  agents: number;
  callers: number;
  /** Streams open at any time. */
  streams: number;
  sendsPerCallerHour: number;
  listsPerCallerHour: number;
  /** Mean length of a stream; none is longer than 15 minutes. */
  streamSeconds: number;
  /** Mean time an agent takes for an answer that is no stream. */
  agentSeconds: number;

  scopes: number;
  scopesPerCaller: number;
  agentSkew: number;
  scopeSkew: number;
  callerSkew: number;
  /** Share of agents that want an OAuth token of the gateway. */
  oauthShare: number;
  backendTokenSeconds: number;
  callerTokenSeconds: number;

  bodyMedianKb: number;
  bodySigma: number;
  documentLeastKb: number;
  documentMostKb: number;

  authorizerCacheSeconds: number;
  storeCacheSeconds: number;
  /** The authorizer's instances remember permissions too. */
  authorizerRemembers: boolean;
  authorizerMs: number;
  authorizerColdMs: number;
  /** The gateway's own part of a call; listings, which the management function answers, take as long. */
  dataPlaneMs: number;
  dataPlaneColdMs: number;
  /** How long an instance lives, which bounds what it can remember; AWS does not say. */
  instanceHours: number;
  logBytesPerRequest: number;

  /** Before anything is counted, so that caches are as they would be; never less than the authorizer's cache. */
  warmSeconds: number;
  /** Counted: the first half with the code as it is, the second after a deployment. */
  countedSeconds: number;
}

export const maxStreamSeconds = 900;

export const defaultLoad: Load = {
  seed: 1,
  agents: 10_000,
  callers: 100_000,
  streams: 10_000,
  sendsPerCallerHour: 12,
  listsPerCallerHour: 1,
  streamSeconds: 120,
  agentSeconds: 1,
  scopes: 1_000,
  scopesPerCaller: 2,
  agentSkew: 0.9,
  scopeSkew: 0.9,
  callerSkew: 0.6,
  oauthShare: 0.7,
  backendTokenSeconds: 3_600,
  callerTokenSeconds: 3_600,
  bodyMedianKb: 2,
  bodySigma: 1.5,
  documentLeastKb: 2,
  documentMostKb: 20,
  authorizerCacheSeconds: 60,
  storeCacheSeconds: 2,
  authorizerRemembers: false,
  authorizerMs: onLambda(measured.authorizer, measured.authorizer.warmMs),
  authorizerColdMs: onLambda(measured.authorizer, measured.authorizer.coldMs),
  dataPlaneMs: onLambda(measured.dataPlane, measured.dataPlane.warmMs),
  dataPlaneColdMs: onLambda(measured.dataPlane, measured.dataPlane.coldMs),
  instanceHours: 2,
  logBytesPerRequest: 2_100,
  warmSeconds: 60,
  countedSeconds: 120,
};
