/** A listener's problem in one line for an operator: the port is taken, or the address is not ours. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** @param settingPort how an operator says another port */
export function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
  settingPort: string,
): ListenError {
  const problem: Record<string, string> = {
    EADDRINUSE: `the port is taken; set ${settingPort} to another, or to 0 for a free one`,
    EACCES: 'no permission for this port',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  const words = problem[error.code ?? ''] ?? error.code ?? error.message;
  return new ListenError(`cannot listen on ${host}:${port}: ${words}`, { cause: error });
}
