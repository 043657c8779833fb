import { spawnSync } from 'node:child_process';
import { type LocalServer, startServerProcess } from './server-process.ts';

/** Whether `moto_server` can be run here. */
export function hasMoto(): boolean {
  return spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;
}

/**
 * moto, which plays many of AWS's services in memory: Secrets Manager among them. It checks no credentials and no
 * permissions.
 *
 * @throws Error when moto_server is missing or does not start
 */
export async function startMoto(): Promise<LocalServer> {
  if (!hasMoto()) throw new Error('there is no moto_server here: pip install "moto[server]"');
  return startServerProcess({
    name: 'moto',
    command: 'moto_server',
    args: (port) => ['-H', '127.0.0.1', '-p', `${port}`],
  });
}
