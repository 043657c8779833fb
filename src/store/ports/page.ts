export interface PageRequest {
  /** 1 to 100. */
  size: number;
  /** Only rows whose key sorts after this one. */
  after?: string;
}

export interface Page<T> {
  items: T[];
  /** The key to continue after; absent on the last page. */
  next?: string;
  /** How many match in all. */
  totalSize: number;
}
