"use client";

import { useSyncExternalStore } from "react";
import { live } from "@/lib/graphql/live";

/** Whether the page hears of changes as they happen. */
export const useIsLive = () => useSyncExternalStore(live.subscribe, live.state, () => "live") === "live";
