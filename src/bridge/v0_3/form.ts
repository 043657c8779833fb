import type { Form } from '../form.ts';
import { fromCoreEvent, toCoreEvent } from './event.ts';
import { fromCoreRequest, toCoreRequest } from './request.ts';
import { fromCoreResult, toCoreResult } from './result.ts';

/** 0.3 as its JSON-RPC spells it: objects that say their `kind` (0.3 §6). */
export const legacyForm: Form = {
  toCoreRequest,
  fromCoreRequest,
  toCoreResult,
  fromCoreResult,
  toCoreEvent,
  fromCoreEvent,
};
