import type { EventOutcome } from "@/gql/graphql";

/** What the door's decision means for who reads it, when the event itself gives no reason. */
export const OUTCOME_WORDS: Record<EventOutcome, string> = {
  ACCEPTED: "It was stored and started a run.",
  DUPLICATE: "The same event had come before; it was not run again.",
  CONFLICT: "The key had been used with another body; the first one stands.",
  DRAFT: "The zip was not published yet, so it was kept and nothing ran.",
  ZIP_OFF: "The zip was paused, so it was kept and nothing ran.",
  THROTTLED: "More came in than this trigger allows; the sender was asked to come again.",
  BAD_SIGNATURE: "The signature was missing or wrong; nothing ran.",
  MALFORMED: "The body was not what its content type says; nothing ran.",
  TOO_LARGE: "The body was larger than this trigger allows; nothing ran.",
  HANDSHAKE: "The sender checked the address; nothing had to run.",
  MISSED: "It was due while Zipped was off.",
};

/** What to do about it; nothing where nothing has to be done. */
export const OUTCOME_ADVICE: Partial<Record<EventOutcome, string>> = {
  CONFLICT: "If both matter, let the sender give each its own key. This one can be run by hand.",
  DRAFT: "Publish the zip, and what comes next runs. This one can then be run by hand.",
  ZIP_OFF: "Resume the zip, and what comes next runs. This one can be run by hand.",
  THROTTLED: "A sender that tries again loses nothing. This one can be run by hand.",
  BAD_SIGNATURE: "If you trust it, run it by hand. If it keeps happening, compare the secret in step 1 of the zip with the sender’s.",
  MALFORMED: "The sender has to correct it, or send it as text.",
  TOO_LARGE: "Let the sender send less at once, or raise the largest body in step 1 of the zip.",
  MISSED: "It can be run by hand.",
};
