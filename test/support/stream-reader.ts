/** Reads a streamed body as it comes. */
export interface StreamReader {
  /** Waits for a text and answers all up to and with it that was not answered before. */
  until(text: string): Promise<string>;
  /** All that is left. */
  rest(): Promise<string>;
  /** Leaves; the connection closes. */
  leave(): Promise<void>;
}

export function readStream(response: Response): StreamReader {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  const decoder = new TextDecoder();
  let read = '';

  async function more(): Promise<boolean> {
    const { done, value } = await reader.read();
    if (value !== undefined) read += decoder.decode(value, { stream: true });
    return !done;
  }

  function take(length: number): string {
    const taken = read.slice(0, length);
    read = read.slice(length);
    return taken;
  }

  return {
    async until(text) {
      while (!read.includes(text)) {
        if (!(await more())) throw new Error(`the stream ended before ${JSON.stringify(text)}: ${read}`);
      }
      return take(read.indexOf(text) + text.length);
    },
    async rest() {
      while (await more());
      return take(read.length);
    },
    leave: () => reader.cancel(),
  };
}
