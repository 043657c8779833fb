import type { FunctionDefinition, FunctionHost } from './function.ts';
import { FunctionError } from './function-error.ts';
import { type FunctionProcess, startFunctionProcess } from './function-process.ts';
import type { Answer } from './invocations.ts';

const defaultConcurrency = 32;

/** A function that can be called: as many processes as there are invocations at once, kept warm in between. */
export interface LocalFunction {
  readonly definition: FunctionDefinition;
  /**
   * @param reader fires when nobody waits for the answer any more
   * @throws FunctionError with what the function, its process or its limits have against it
   */
  invoke(event: unknown, reader?: AbortSignal): Promise<Answer>;
  /** Kills every process. */
  close(): Promise<void>;
}

export function createFunctionPool(definition: FunctionDefinition, host: FunctionHost): LocalFunction {
  const { reservedConcurrency = defaultConcurrency } = definition;
  const all = new Set<Promise<FunctionProcess>>();
  const free: FunctionProcess[] = [];
  let isClosed = false;

  function start(): Promise<FunctionProcess> {
    const starting = startFunctionProcess(definition, host);
    all.add(starting);
    void starting.then(async (process) => {
      await process.gone;
      all.delete(starting);
      if (free.includes(process)) free.splice(free.indexOf(process), 1);
    });
    return starting;
  }

  async function keepWarm(process: FunctionProcess): Promise<void> {
    await process.idle();
    free.push(process);
  }

  return {
    definition,
    async invoke(event, reader) {
      const warm = free.pop();
      if (warm === undefined && (isClosed || all.size >= reservedConcurrency))
        throw new FunctionError('TooManyRequestsException', 'Rate Exceeded.');
      const process = warm ?? (await start());
      try {
        await process.idle();
        return await process.invoke(JSON.stringify(event), reader);
      } finally {
        // One that has died is not idle again; its invocation has the error.
        void keepWarm(process).catch(() => {});
      }
    },
    async close() {
      isClosed = true;
      await Promise.all([...all].map(async (starting) => (await starting).close()));
    },
  };
}
