/** Evidence that cannot be relied on, and why. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
}
