/**
 * A name for one act of one person, so that an answer lost on the way does not make a second of it. Random as
 * crypto.randomUUID, which browsers keep from pages that came by plain http.
 */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
