/** What is to end with a test, or with the tests of a file. Files that run in one process share it, and each is done with its own. */

type Ending = () => unknown;

const ofTest: Ending[] = [];
const ofFile: Ending[] = [];

/** Ends something after the test. The last that was said ends first. */
export function endWithTest(end: Ending): void {
  ofTest.push(end);
}

/** Ends something after the tests of the file. The last that was said ends first. */
export function endWithFile(end: Ending): void {
  ofFile.push(end);
}

export function endTest(): Promise<void> {
  return endAll(ofTest);
}

export async function endFile(): Promise<void> {
  await endAll(ofTest);
  await endAll(ofFile);
}

/** All of them, whatever one of them throws. */
async function endAll(endings: Ending[]): Promise<void> {
  const failed: unknown[] = [];
  for (const end of endings.splice(0).reverse()) {
    try {
      await end();
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AggregateError(failed, 'something did not end');
}
