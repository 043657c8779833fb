/** In which a task may go on (A2A §4.1.3). */
export const openStates = [
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_AUTH_REQUIRED',
] as const;

/** In which a task has ended for good. */
export const terminalStates = [
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_REJECTED',
] as const;

export type TaskState = (typeof openStates)[number] | (typeof terminalStates)[number];

/** What stands for none of them. */
export const unspecifiedState = 'TASK_STATE_UNSPECIFIED';

export function isTerminalState(state: unknown): boolean {
  return terminalStates.some((terminal) => terminal === state);
}
