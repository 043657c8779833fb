/**
 * Calls the example agents through a running gateway, given nothing but its address:
 *
 *   npm start
 *   node --import tsx examples/call-agents.ts [http://127.0.0.1:8080]
 */
import { fileURLToPath } from 'node:url';
import { TaskState, taskStateToJSON } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import { accessToken, clientOf, clientOf03, offeredBindings, said, taskOf, textOf } from './caller.ts';

export interface CallAgentsOptions {
  baseUrl: string;
  /** Gets text as it comes; lines end with a newline. */
  print(text: string): void;
}

/** @throws Error with one line on what went wrong, at the first thing that does */
export async function callAgents({ baseUrl, print }: CallAgentsOptions): Promise<void> {
  const issuer = `${baseUrl}/dev/issuer`;
  const token = await accessToken(issuer, 'alice', 'alice-secret');
  print(`alice has a token from ${issuer}\n`);
  const cardOf = (agentId: string) => `${baseUrl}/agents/${agentId}/.well-known/agent-card.json`;
  // gRPC is not everywhere: API Gateway does not carry it.
  for (const binding of await offeredBindings(cardOf('echo'), token)) {
    print(`\n${binding}\n`);
    const agent = (agentId: string) => clientOf(cardOf(agentId), binding, token);
    await sendToEcho(await agent('echo'), print);
    await streamFromWriter(await agent('writer'), print);
    await followResearcher(await agent('researcher'), print);
    await bookTable(await agent('booking'), print);
    await askVeteran(await agent('veteran'), print);
  }
  print('\nJSONRPC of 0.3\n');
  await sendToEcho(clientOf03(`${baseUrl}/agents/echo`, token), print);
}

type Print = CallAgentsOptions['print'];

async function sendToEcho(echo: Pick<Client, 'sendMessage'>, print: Print): Promise<void> {
  const answer = await echo.sendMessage(said('Hello there'));
  if (!('messageId' in answer)) throw new Error('echo answered with a task where a message was expected');
  print(`  echo        said: ${textOf(answer.parts)}\n`);
}

async function streamFromWriter(writer: Client, print: Print): Promise<void> {
  print('  writer      writes: ');
  let state = TaskState.TASK_STATE_UNSPECIFIED;
  for await (const { payload } of writer.sendMessageStream(said('Write about the sea'))) {
    if (payload?.$case === 'artifactUpdate') print(textOf(payload.value.artifact?.parts));
    if (payload?.$case === 'statusUpdate') state = payload.value.status?.state ?? state;
  }
  print('\n');
  expectState('writer', state, TaskState.TASK_STATE_COMPLETED);
}

async function followResearcher(researcher: Client, print: Print): Promise<void> {
  const topic = said('The history of lighthouses', { returnImmediately: true });
  const { id, contextId } = taskOf(await researcher.sendMessage(topic));
  const task = await researcher.getTask({ id, tenant: '' });
  print(`  researcher  works on task ${id}: ${nameOf(task.status?.state)}\n`);

  const { tasks } = await researcher.listTasks({ ...everyTask, contextId });
  if (!tasks.some((listed) => listed.id === id)) throw new Error('researcher does not list its own task');
  print(`  researcher  lists ${tasks.length} task in this conversation\n`);

  let events = 0;
  for await (const { payload } of researcher.resubscribeTask({ id, tenant: '' })) {
    events += 1;
    if (payload?.$case === 'statusUpdate')
      print(`  researcher  ${textOf(payload.value.status?.message?.parts)}\n`);
    if (events === 3) break;
  }
  const stopped = await researcher.cancelTask({ id, tenant: '', metadata: undefined });
  expectState('researcher', stopped.status?.state, TaskState.TASK_STATE_CANCELED);
  print(`  researcher  stopped when asked: ${nameOf(stopped.status?.state)}\n`);
}

async function bookTable(booking: Client, print: Print): Promise<void> {
  const asked = taskOf(await booking.sendMessage(said('Book a table in Lisbon')));
  expectState('booking', asked.status?.state, TaskState.TASK_STATE_INPUT_REQUIRED);
  print(`  booking     asks: ${textOf(asked.status?.message?.parts)}\n`);
  const { id: taskId, contextId } = asked;
  const booked = taskOf(await booking.sendMessage(said('2030-05-17', { taskId, contextId })));
  expectState('booking', booked.status?.state, TaskState.TASK_STATE_COMPLETED);
  print(`  booking     has: ${textOf(booked.artifacts[0]?.parts)}\n`);
}

/** An agent that speaks 0.3 alone: the gateway bridges. */
async function askVeteran(veteran: Client, print: Print): Promise<void> {
  const task = taskOf(await veteran.sendMessage(said('As it has ever been')));
  expectState('veteran', task.status?.state, TaskState.TASK_STATE_COMPLETED);
  print(`  veteran     counts: ${textOf(task.artifacts[0]?.parts)}\n`);
}

const everyTask = {
  tenant: '',
  contextId: '',
  status: TaskState.TASK_STATE_UNSPECIFIED,
  pageToken: '',
  statusTimestampAfter: undefined,
};

function expectState(agentId: string, state: TaskState | undefined, expected: TaskState): void {
  if (state !== expected)
    throw new Error(`${agentId}: ${nameOf(state)} where ${nameOf(expected)} was expected`);
}

function nameOf(state: TaskState = TaskState.TASK_STATE_UNSPECIFIED): string {
  return taskStateToJSON(state).replace('TASK_STATE_', '').toLowerCase();
}

async function main([baseUrl = 'http://127.0.0.1:8080']: string[]): Promise<number> {
  try {
    await callAgents({ baseUrl: baseUrl.replace(/\/$/, ''), print: (text) => process.stdout.write(text) });
    return 0;
  } catch (error) {
    process.stderr.write(`\ncall-agents failed: ${reasonOf(error)}\n`);
    return 1;
  }
}

/** A failed fetch keeps its reason, like a refused connection, in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
