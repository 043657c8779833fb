/**
 * Finds the agent that fits a need, given nothing but the gateway's address, and asks it:
 *
 *   npm start
 *   node --import tsx examples/find-agents.ts 'Book a table for two' [http://127.0.0.1:8080]
 */
import { fileURLToPath } from 'node:url';
import type { Message, Task } from '@a2a-js/sdk';
import { accessToken, clientOf, said, textOf } from './caller.ts';

export interface FindAgentsOptions {
  baseUrl: string;
  /** Of a caller who may call some agents; only those are found. */
  token: string;
  need: string;
  /** Gets whole lines. */
  print(text: string): void;
}

/** @throws Error with one line on what went wrong */
export async function findAgents({ baseUrl, token, need, print }: FindAgentsOptions): Promise<void> {
  // The gateway's own card is that of its directory, an agent which knows the others.
  const directory = await clientOf(`${baseUrl}/.well-known/agent-card.json`, 'JSONRPC', token);
  const found = await directory.sendMessage(said(need));
  if (!('messageId' in found)) throw new Error('the directory answered with a task');
  print(`${textOf(found.parts)}\n`);

  const [best] = agentsIn(found);
  if (best === undefined) return;
  const agent = await clientOf(best.agentCardUrl, 'JSONRPC', token);
  print(`\n${best.name} says: ${wordsOf(await agent.sendMessage(said(need)))}\n`);
}

/** What the directory says for programs: the data part, described by its card. */
function agentsIn({ parts }: Message): { name: string; agentCardUrl: string }[] {
  const data = parts.flatMap(({ content }) => (content?.$case === 'data' ? [content.value] : []))[0];
  return (data as { agents?: { name: string; agentCardUrl: string }[] } | undefined)?.agents ?? [];
}

/** An agent may answer at once, or work on a task. */
function wordsOf(answer: Message | Task): string {
  if ('messageId' in answer) return textOf(answer.parts);
  const [artifact] = answer.artifacts;
  return textOf(artifact?.parts ?? answer.status?.message?.parts);
}

async function main([need = 'Book a table for two', baseUrl = 'http://127.0.0.1:8080']: string[]) {
  try {
    const token = await accessToken(`${baseUrl}/dev/issuer`, 'alice', 'alice-secret');
    await findAgents({ baseUrl, token, need, print: (text) => process.stdout.write(text) });
    return 0;
  } catch (error) {
    process.stderr.write(`\nfind-agents failed: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main(process.argv.slice(2));
