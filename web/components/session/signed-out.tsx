"use client";

import { Dialog } from "@/components/ui/dialog";
import { SignInForm } from "./sign-in-form";

/** Over the page, which stays as it is: whoever signs in again goes on where they were. */
export default function SignedOut({ email }: { email: string; onClose?: () => void }) {
  return (
    <Dialog
      open
      title="You have been signed out"
      description="What you were doing is still here. Sign in to go on."
    >
      <SignInForm email={email} />
    </Dialog>
  );
}
