import type { CombinedError } from "@urql/core";

type Answer = { __typename: string; message?: string };

/**
 * What went wrong with a mutation, in words for people; null when nothing did.
 *
 * `answer` is the mutation's result union: its Success has no message, every other member has one.
 */
export function failure(answer: Answer | undefined, error: CombinedError | undefined): string | null {
  if (answer?.__typename.endsWith("Success")) return null;
  if (answer?.message) return answer.message;
  // Whether it was done is not known: an answer may have got lost.
  return error?.graphQLErrors[0]?.message ?? "The server does not answer. Try again.";
}
