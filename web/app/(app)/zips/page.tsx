import type { Metadata } from "next";
import { Suspense } from "react";
import { ZipsPage } from "@/components/zips/zips-page";

export const metadata: Metadata = { title: "Zips" };

export default function Page() {
  return (
    <Suspense>
      <ZipsPage />
    </Suspense>
  );
}
