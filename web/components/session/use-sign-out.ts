import { useMutation } from "urql";
import { useToast } from "@/components/ui/toast";
import { SignOutDocument } from "@/gql/graphql";

/** Ends the session and begins anew at the sign-in. */
export function useSignOut(): () => Promise<void> {
  const say = useToast();
  const [, signOut] = useMutation(SignOutDocument);
  return async () => {
    const { error } = await signOut({});
    if (error?.networkError) {
      say("The server does not answer, so you are still signed in. Try again.", { bad: true });
      return;
    }
    // A full load, so that nothing of this person stays in memory.
    // eslint-disable-next-line @next/next/no-location-assign-relative-destination
    location.assign("/");
    sessionStorage.clear(); // Drafts that were not saved: whoever signs in next in this tab must not find them.
  };
}
