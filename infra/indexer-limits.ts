import { Duration } from 'aws-cdk-lib';

/** A fill goes on in the next run; what else there is takes seconds. Short, because a message waits as long to come again. */
export const indexerTimeout: Duration = Duration.minutes(5);
