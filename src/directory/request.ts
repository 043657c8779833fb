import * as z from 'zod';
import { GatewayError } from '../failure.ts';
import { maxIdChars } from '../protocol/guarded.ts';
import { isRecord, maxNamedChars } from '../protocol/json.ts';
import { type SearchQuery, searchQuery } from './search-query.ts';

/** A message to the directory. */
export interface DirectoryRequest {
  query: SearchQuery;
  /** Absent: the caller begins a conversation. */
  contextId?: string;
  /** Of a task the caller takes the message to belong to. */
  taskId?: string;
}

/** Open to what A2A may add; an absent text and the empty one are the same in ProtoJSON. */
const sendRequest = z.looseObject({
  message: z.looseObject({
    messageId: z.string().min(1).max(maxIdChars),
    contextId: z.string().max(maxIdChars).nullish(),
    taskId: z.string().max(maxIdChars).nullish(),
    parts: z
      .array(z.looseObject({ text: z.string().nullish() }))
      .min(1)
      .max(100),
  }),
});

type Part = z.output<typeof sendRequest>['message']['parts'][number];

/**
 * Reads what `SendMessage` and `SendStreamingMessage` carry. A data part holds the members of {@link searchQuery}; where
 * it has no `query`, and where there is none, the text parts are the query. Files are passed over.
 *
 * @param prefix how the request object is called in a failure: `params.` or nothing
 * @throws GatewayError `parameter_invalid`, also where nothing says what is sought
 */
export function parseDirectoryRequest(params: unknown, prefix: string): DirectoryRequest {
  const parsed = sendRequest.safeParse(params);
  if (!parsed.success) throw invalid(prefix, parsed.error);
  const { contextId, taskId, parts } = parsed.data.message;
  return {
    query: queryOf(parts, `${prefix}message.parts`),
    ...(contextId && { contextId }),
    ...(taskId && { taskId }),
  };
}

function queryOf(parts: readonly Part[], at: string): SearchQuery {
  const [index = -1, second] = parts.flatMap((part, index) => (isData(part) ? [index] : []));
  if (second !== undefined) throw refusal(`${at}.${second}`, 'at most one data part');
  const data = parts[index]?.data ?? {};
  if (!isRecord(data)) throw refusal(`${at}.${index}.data`, 'must be an object');
  if (data.query !== undefined) return parsedQuery(data, `${at}.${index}.data.`);
  const text = parts.flatMap((part) => part.text || []).join('\n');
  if (text.trim() === '') throw refusal(at, 'no text: say in a sentence what is needed');
  const query = parsedText(text, at);
  return parsedQuery({ ...data, query }, `${at}.${index}.data.`);
}

function isData({ data }: Part): boolean {
  return data !== undefined && data !== null;
}

/** Apart from the data, so that a failure names where the text stands. */
function parsedText(text: string, at: string): string {
  const parsed = searchQuery.shape.query.safeParse(text);
  if (parsed.success) return parsed.data;
  throw refusal(at, parsed.error.issues[0]?.message ?? 'not valid');
}

function parsedQuery(given: unknown, prefix: string): SearchQuery {
  const parsed = searchQuery.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid(prefix, parsed.error);
}

/** Names the first member that is wrong. */
function invalid(prefix: string, { issues: [issue] }: z.ZodError): GatewayError {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...(issue?.path ?? []), ...unknown].join('.');
  const problem = unknown.length > 0 ? 'unknown member' : (issue?.message ?? 'not valid');
  return refusal(prefix + path, problem);
}

function refusal(parameter: string, problem: string): GatewayError {
  return new GatewayError({
    code: 'parameter_invalid',
    parameter: parameter.slice(0, maxNamedChars),
    problem,
  });
}
