import * as z from 'zod';

/** Of the messages of a queue, as its event source mapping hands them over. */
export const queueEvent = z.object({
  Records: z
    .array(z.object({ eventSource: z.literal('aws:sqs'), messageId: z.string(), body: z.string() }))
    .min(1),
});

/** Time has passed. */
export const scheduleEvent = z.object({ source: z.literal('aws.events') });

/** Messages of a batch that are to come again. */
export interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** The body of a message; undefined for one that is no JSON of this shape. */
export function messageOf<T>(body: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
