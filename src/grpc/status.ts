/** What `grpc-message` means, which is percent-encoded; text that is not stands for itself. */
export function decodeStatusMessage(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
