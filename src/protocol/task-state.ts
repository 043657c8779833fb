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
