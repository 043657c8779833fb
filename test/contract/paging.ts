import type { Page, PageRequest } from '../../src/store/port.ts';

/** The pages of a list, one after the other, each of this size. */
export async function allPages<T>(
  list: (page: PageRequest) => Promise<Page<T>>,
  size: number,
): Promise<Page<T>[]> {
  const pages: Page<T>[] = [];
  for (let after: string | undefined; ; ) {
    const page = await list(after === undefined ? { size } : { size, after });
    pages.push(page);
    if (page.next === undefined) return pages;
    after = page.next;
  }
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}
