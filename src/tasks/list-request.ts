import * as z from 'zod';
import { GatewayError } from '../failure.ts';
import { openStates, type TaskState, terminalStates, unspecifiedState } from '../protocol/task-state.ts';
import { timestampMs } from '../protocol/timestamp.ts';
import { noPageToken } from './page-token.ts';

export const maxPageSize = 100;
const defaultPageSize = 50;
const maxIdChars = 1_024;
/** Those made here have some thousands, with the longest of ids. */
const maxTokenChars = 16_384;
/** What Protocol Buffers can say. */
const maxHistoryLength = 2 ** 31 - 1;

/** Which tasks are asked for. Members AND together; an absent member does not filter. */
export interface TaskFilter {
  contextId?: string;
  state?: TaskState;
  /** Included (A2A §3.1.4). */
  statusFromMs?: number;
}

/** What a caller of `ListTasks` asks for (A2A §3.1.4). */
export interface TaskListRequest {
  filter: TaskFilter;
  /** 1 to 100. */
  pageSize: number;
  /** Absent: the first page. */
  pageToken?: string;
  /** At most so many of the latest messages; absent: as many as the agent tells. */
  historyLength?: number;
  includeArtifacts: boolean;
}

/** Null is absence, and so is the empty text, as ProtoJSON reads them. */
function text(maxChars: number) {
  return z
    .string()
    .max(maxChars)
    .nullish()
    .transform((value) => (value === '' || value === null ? undefined : value));
}

const schema = z.object({
  contextId: text(maxIdChars),
  status: z
    .enum(['', unspecifiedState, ...openStates, ...terminalStates])
    .nullish()
    .transform((value) => (!value || value === unspecifiedState ? undefined : value)),
  statusTimestampAfter: z
    .string()
    .refine((value) => value === '' || timestampMs(value) !== undefined)
    .nullish()
    .transform((value) => (value ? timestampMs(value) : undefined)),
  pageSize: z
    .int()
    .min(1)
    .max(maxPageSize)
    .nullish()
    .transform((value) => value ?? defaultPageSize),
  pageToken: text(maxTokenChars),
  historyLength: z.int().min(0).max(maxHistoryLength).nullish(),
  includeArtifacts: z.boolean().nullish(),
});

const problems: Readonly<Record<string, string>> = {
  pageToken: noPageToken,
  status: 'not a task state',
  statusTimestampAfter: 'not a time',
  pageSize: `1 to ${maxPageSize}`,
  historyLength: 'not a count',
};

/**
 * @param request in core, its numbers plain. Members nobody here knows do not matter
 * @throws GatewayError `parameter_invalid`
 */
export function parseTaskListRequest(request: unknown): TaskListRequest {
  const parsed = schema.safeParse(request);
  if (!parsed.success) throw invalid(String(parsed.error.issues[0]?.path[0] ?? ''));
  const { contextId, status: state, statusTimestampAfter: statusFromMs, ...page } = parsed.data;
  const { pageSize, pageToken, historyLength, includeArtifacts } = page;
  return {
    filter: {
      ...(contextId !== undefined && { contextId }),
      ...(state !== undefined && { state }),
      ...(statusFromMs !== undefined && { statusFromMs }),
    },
    pageSize,
    ...(pageToken !== undefined && { pageToken }),
    ...(typeof historyLength === 'number' && { historyLength }),
    includeArtifacts: includeArtifacts === true,
  };
}

function invalid(parameter: string): GatewayError {
  return new GatewayError({ code: 'parameter_invalid', parameter, problem: problems[parameter] ?? 'type' });
}
