import type { StatusName } from '../failure-facts.ts';

/** An error an agent answered with, in the words of no binding. */
export interface AgentError {
  /** Of its ErrorInfo (A2A §5.4), or known by its code; absent where neither says. */
  reason?: string;
  /** JSON-RPC code; that of the nearest status where the agent's binding has none. */
  rpcCode: number;
  status: StatusName;
  httpStatus: number;
  message: string;
  /** google.rpc details in ProtoJSON, each with its `@type`; ErrorInfo among them where the agent gave one. */
  details: readonly unknown[];
  /** `error.data` of JSON-RPC where it is no list of details. */
  data?: unknown;
}
