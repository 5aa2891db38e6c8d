/**
 * JSON that somebody wrote, among the variables of an operation.
 *
 * The client calls whatever is named `toJSON` in its variables, so that an object with a field of that name could not be
 * sent at all. It sees the text of this instead, and `written` puts what it stands for into the request.
 */
class AsIs {
  constructor(readonly value: unknown) {}

  toJSON(): string {
    return JSON.stringify(this.value) ?? "null";
  }
}

/** For each variable of the type JSON that holds what people typed; nothing stays nothing. */
export const asIs = <Value>(value: Value): AsIs | Extract<Value, null | undefined> => (value === null || value === undefined ? (value as Extract<Value, null | undefined>) : new AsIs(value));

/** The body of a request. */
export function written(body: object): string {
  return JSON.stringify(body, function (this: Record<string, unknown>, name, told: unknown) {
    const own = this[name];
    return own instanceof AsIs ? own.value : told;
  });
}
