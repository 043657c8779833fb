import type { AgentError } from '../bridge/agent-error.ts';
import type { JsonObject } from '../bridge/core-call.ts';
import type { Plan } from '../bridge/plan.ts';
import { GatewayError } from '../failure.ts';
import type { Shown } from '../ownership/ownership.ts';
import { toShown } from '../ownership/shown.ts';
import { withPlainNumbers } from '../protocol/exact-json.ts';
import { operationOf } from '../protocol/operations.ts';
import { sightingsOf } from '../protocol/sightings.ts';
import { learnFrom } from '../proxy/learning.ts';
import type { Holder, SeenTask } from '../store/ports/ownership.ts';
import { parseTaskListRequest } from '../tasks/list-request.ts';
import { createTaskPageTokens } from '../tasks/page-token.ts';
import { listTasks, type TaskListDeps } from '../tasks/task-list.ts';
import type { Admission } from './admission.ts';
import { answerOwn } from './answer.ts';
import { askAgent } from './bridged.ts';
import type { PermittedCall } from './perform.ts';
import { type Call, waiting } from './route.ts';
import type { Services } from './services.ts';

/** How many tasks an agent is asked for at once, if it may be asked for so many. */
const maxConcurrency = 8;

/**
 * Lists the caller's tasks at an agent that keeps no callers apart (A2A §3.1.4): which they are the gateway knows, and asks
 * the agent for each. So agents of 0.3 have lists too.
 *
 * @throws GatewayError `parameter_invalid`, `upstream_timeout` phase total for all of it together, those of `listTasks` and
 *   of forwarding
 */
export async function answerTaskList(
  call: Call,
  permitted: PermittedCall,
  plan: Plan,
  admission: Admission,
  services: Services,
): Promise<Response> {
  const { ownership, store, clock, config } = services;
  const { agent, principal } = admission;
  const request = parseTaskListRequest(withPlainNumbers(await permitted.toCore()));
  const words = await permitted.words();
  const holder = await ownership.holderOf(agent, principal);
  const atOnce = agent.limits?.maxConcurrentCalls ?? config.load.agent.maxConcurrentCalls;
  const question = { historyLength: request.historyLength, plan, version: permitted.version };
  try {
    const list = await listTasks(request, holder, {
      index: store.ownership,
      ask: asking(call, question, holder, admission, services),
      tokens: createTaskPageTokens(services),
      clock,
      concurrency: Math.min(maxConcurrency, atOnce),
      maxBytes: config.limits.maxAnswerBytes,
    });
    return answerOwn(call, words.result(permitted.operation, { ...list }));
  } catch (thrown) {
    if (thrown instanceof AgentRefusal) return answerOwn(call, words.error(thrown.error));
    throw thrown;
  }
}

/** The agent has answered with an error, which is then the answer to the list. */
class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal';
  readonly error: AgentError;

  constructor(error: AgentError) {
    super('the agent does not tell of a task');
    this.error = error;
  }
}

/** How the agent is asked for each task. */
interface Question extends Pick<PermittedCall, 'version'> {
  plan: Plan;
  historyLength: number | undefined;
}

const getTask = operationOf('GetTask');

function asking(
  call: Call,
  question: Question,
  holder: Holder,
  admission: Admission,
  services: Services,
): TaskListDeps['ask'] {
  const { ownership, clock, config } = services;
  const totalTimeoutMs = admission.agent.deadlines?.totalTimeoutMs ?? config.deadlines.totalTimeoutMs;
  const late = AbortSignal.timeout(totalTimeoutMs);
  const caller = { signal: AbortSignal.any([waiting(call).signal, late]) };
  return async (known) => {
    try {
      const task = await taskOf(call, known.taskId, question, { admission, caller }, services);
      if (task === undefined) return undefined;
      const shown = toShown(sightingsOf(getTask, task), clock.nowMs());
      const seen = seenIn(shown, known, clock.nowMs());
      await ownership.learn(holder, { ...shown, tasks: [seen] });
      return { task, seen };
    } catch (error) {
      if (late.aborted)
        throw new GatewayError({ code: 'upstream_timeout', phase: 'total' }, { cause: error });
      throw error;
    }
  };
}

/** Undefined where the agent knows no such task, or cannot be asked for it. @throws AgentRefusal for any other error of the agent's */
async function taskOf(
  call: Call,
  id: string,
  { historyLength, ...question }: Question,
  by: Parameters<typeof askAgent>[3],
  services: Services,
): Promise<JsonObject | undefined> {
  const request = { id, ...(historyLength !== undefined && { historyLength }) };
  const asking = askAgent(call, { operation: getTask, request }, question, by, services);
  const asked = await asking.catch(unlessUnaskable);
  if (asked === undefined) return undefined;
  if (!('answer' in asked)) throw new TypeError('a task comes in no stream');
  const { upstream, answer } = asked;
  if (answer.ok) {
    await learnFrom(upstream, answer.result);
    return answer.result;
  }
  if (answer.error.reason === 'TASK_NOT_FOUND') return undefined;
  throw new AgentRefusal(answer.error);
}

/** An agent that is asked by path may have given an id that no path can have: by that one task no list is to fail. */
function unlessUnaskable(error: unknown): undefined {
  const isOfId =
    error instanceof GatewayError &&
    error.failure.code === 'parameter_invalid' &&
    error.failure.parameter === 'id';
  if (!isOfId) throw error;
}

/**
 * The task that was asked for, as it is shown. A status without a date has that of before, while the state is the same.
 * @throws GatewayError `upstream_response_invalid` problem `owner` where another is shown, or none
 */
function seenIn({ tasks }: Shown, known: SeenTask, nowMs: number): SeenTask {
  const [task] = tasks;
  if (task === undefined || tasks.length > 1 || task.taskId !== known.taskId)
    throw new GatewayError({ code: 'upstream_response_invalid', problem: 'owner' });
  const isAsBefore = task.state === undefined || task.state === known.state;
  return { ...known, ...task, statusAtMs: task.statusAtMs ?? (isAsBefore ? known.statusAtMs : nowMs) };
}
