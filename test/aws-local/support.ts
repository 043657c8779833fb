import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Api, Resource } from '../../aws-local/api-gateway/model.ts';
import type { FunctionDefinition } from '../../aws-local/lambda/function.ts';
import { createFunctionPool, type LocalFunction } from '../../aws-local/lambda/function-pool.ts';
import type { Answer } from '../../aws-local/lambda/invocations.ts';
import { runtimeCommand } from '../../aws-local/lambda/runtime-command.ts';
import { endWithFile } from '../support/endings.ts';

/** A folder of its own; it goes when the tests of the file are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-aws-local-test-'));
  endWithFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One that the files of a process share. */
function folderOfProcess(): string {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-aws-local-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestFunction extends LocalFunction {
  /** What its processes printed. */
  lines: string[];
}

/**
 * Why a test is left out where functions run under AWS's own client: a response connection that breaks is a rejection it
 * does not handle, and its process dies. What the function would have done is then not seen; its connections end too.
 */
export const diesWithItsReader = (process.env.A2A_GATEWAY_LAMBDA_RIC ?? '') !== '';

let command: Promise<string[]> | undefined;

/** A function of this source, which exports `handler`, in processes of its own; run by AWS's client where one is named. */
export async function functionOf(
  source: string,
  more: Partial<FunctionDefinition> = {},
): Promise<TestFunction> {
  command ??= runtimeCommand(folderOfProcess(), process.env);
  const codeFolder = newFolder();
  writeFileSync(join(codeFolder, 'index.mjs'), source);
  const lines: string[] = [];
  const definition: FunctionDefinition = {
    name: 'test',
    arn: 'arn:aws:lambda:us-east-1:000000000000:function:Test',
    handler: 'index.handler',
    codeFolder,
    timeoutSeconds: 10,
    memoryMb: 128,
    environment: {},
    ...more,
  };
  const pool = createFunctionPool(definition, {
    region: 'us-east-1',
    command: await command,
    environment: { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1' },
    print: (_, line) => void lines.push(line),
  });
  endWithFile(() => pool.close());
  return { ...pool, lines };
}

/** Polls longer than a process may take to start where others start too. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 10_000 });

/** The whole of an answer as text. */
export async function textOf(answer: Answer): Promise<string> {
  if (answer.mode === 'buffered') return answer.body.toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.chunks) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** A function that is none: it answers what it is told. */
export function fakeFunction(answer: (event: unknown) => unknown): LocalFunction & { events: unknown[] } {
  const events: unknown[] = [];
  return {
    definition: {} as FunctionDefinition, // Nobody asks a fake what it is made of.
    events,
    async invoke(event) {
      events.push(event);
      return { mode: 'buffered', body: Buffer.from(JSON.stringify(answer(event))) };
    },
    close: async () => {},
  };
}

/** A resource tree of these paths, each with these methods. */
export function resourcesOf(paths: Readonly<Record<string, Resource['methods']>>): Resource {
  const root: Resource = { id: 'root', path: '/', part: '', children: [], methods: paths['/'] ?? new Map() };
  for (const [path, methods] of Object.entries(paths)) {
    let at = root;
    for (const part of path.split('/').filter((each) => each !== '')) {
      const childPath = `${at.path === '/' ? '' : at.path}/${part}`;
      let child = at.children.find((each) => each.part === part);
      if (child === undefined) {
        child = { id: childPath, path: childPath, part, children: [], methods: new Map() };
        at.children.push(child);
      }
      at = child;
    }
    if (at !== root) at.methods = methods;
  }
  return root;
}

export function apiOf(root: Resource, more: Partial<Api> = {}): Api {
  return {
    apiId: 'abc123defg',
    region: 'us-east-1',
    accountId: '000000000000',
    stage: { name: 'live', variables: {}, throttles: [] },
    root,
    gatewayResponses: new Map(),
    binaryMediaTypes: [],
    executeApiDisabled: false,
    ...more,
  };
}
