import type { Form } from '../../form.ts';
import { fromCoreRequest, toCoreRequest } from './request.ts';
import { fromCoreEvent, fromCoreResult, toCoreEvent, toCoreResult } from './result.ts';

/** 0.3 as its proto spells it in JSON: over HTTP+JSON and gRPC (0.3 §3.2.2, §3.2.3). */
export const legacyProtoForm: Form = {
  toCoreRequest,
  fromCoreRequest,
  toCoreResult,
  fromCoreResult,
  toCoreEvent,
  fromCoreEvent,
};
