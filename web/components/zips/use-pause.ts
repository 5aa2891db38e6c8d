"use client";

import { useMutation } from "urql";
import { useToast } from "@/components/ui/toast";
import { PauseZipDocument, ResumeZipDocument, type ZipState } from "@/gql/graphql";
import { failure } from "@/lib/graphql/result";

/** Pauses a live zip and resumes a paused one, and says what that means. */
export function usePause(zip: { id: string; name: string; state: ZipState }) {
  const say = useToast();
  const [{ fetching: pausing }, pause] = useMutation(PauseZipDocument);
  const [{ fetching: resuming }, resume] = useMutation(ResumeZipDocument);
  async function toggle() {
    if (zip.state === "LIVE") {
      const { data, error } = await pause({ zipId: zip.id });
      const wrong = failure(data?.pauseZip, error);
      say(wrong ?? `“${zip.name}” is paused. What arrives is kept and does not run; runs under way go on.`, { bad: Boolean(wrong) });
    } else {
      const { data, error } = await resume({ zipId: zip.id });
      const wrong = failure(data?.resumeZip, error);
      say(wrong ?? `“${zip.name}” is live again.`, { bad: Boolean(wrong) });
    }
  }
  return { toggle: () => void toggle(), busy: pausing || resuming };
}
