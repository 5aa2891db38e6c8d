"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

/** The root leads to the zips. */
export default function Page() {
  const router = useRouter();
  useEffect(() => router.replace("/zips"), [router]);
  return null;
}
