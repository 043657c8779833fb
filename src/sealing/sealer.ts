/**
 * Seals texts (AES-256-GCM) with a key that all processes over the same secrets share: what is kept where others may read,
 * or handed to callers to bring back. The key is made when it is first needed, and kept like any secret.
 */
export interface Sealer {
  /**
   * @param purpose what the text is, and all it is bound to: only the very same purpose opens it
   * @returns base64url and dots, safe in URLs and JSON
   * @throws what `Secrets` throws
   */
  seal(text: string, purpose: string): Promise<string>;
  /** Undefined for what was not sealed here, was altered, or was sealed for another purpose. @throws as `seal` */
  open(sealed: string, purpose: string): Promise<string | undefined>;
}
