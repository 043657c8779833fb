const largestPage = 100;

/** @throws TypeError unless `size` is a whole number from 1 to 100 */
export function checkPageSize(size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > largestPage) {
    throw new TypeError(`a page has 1 to ${largestPage} items, not ${size}`);
  }
}
