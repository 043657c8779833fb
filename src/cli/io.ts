/** What a command may touch of the process. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  /** One line for people or pipes. */
  out(line: string): void;
  err(line: string): void;
  /** Resolves when the process is told to end. */
  untilStopped(): Promise<void>;
}
