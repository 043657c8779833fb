/** The states of a task (A2A §4.1.3), each at the number ProtoJSON takes for it too. */
const states = [
  'UNSPECIFIED',
  'SUBMITTED',
  'WORKING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'INPUT_REQUIRED',
  'REJECTED',
  'AUTH_REQUIRED',
] as const;

/** As 1.0 has it, as 0.3 has it in JSON-RPC, and by its number. */
const known: ReadonlyMap<unknown, string> = new Map([
  ...states.flatMap((state, number): [unknown, string][] => [
    [`TASK_STATE_${state}`, `TASK_STATE_${state}`],
    [state.toLowerCase().replace('_', '-'), `TASK_STATE_${state}`],
    [number, `TASK_STATE_${state}`],
  ]),
  ['unknown', 'TASK_STATE_UNSPECIFIED'],
  // The 0.3 proto spells it with two L.
  ['TASK_STATE_CANCELLED', 'TASK_STATE_CANCELED'],
]);

/** A state in the words of 1.0, in whatever version and binding it is said. Undefined for what is no state. */
export function taskStateOf(state: unknown): string | undefined {
  return known.get(state);
}

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
