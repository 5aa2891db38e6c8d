"use client";

import { useState } from "react";

/** Random as crypto.randomUUID, which browsers keep from pages that came by plain http. */
function random(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * A name for one act of one person. Doing the same again has the same name for as long as nobody knows what came of it,
 * so that trying again after an answer got lost does not do it twice.
 */
export class ActKey {
  private act: { what: string; key: string } | null = null;

  of(what: unknown): string {
    const text = JSON.stringify(what);
    if (this.act?.what !== text) this.act = { what: text, key: random() };
    return this.act.key;
  }

  /** An answer came: whoever does the same once more means it. */
  answered(): void {
    this.act = null;
  }
}

export const useActKey = (): ActKey => useState(() => new ActKey())[0];
