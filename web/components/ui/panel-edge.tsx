"use client";

import { useEffect, useState, type PointerEvent } from "react";

const KEY = "zipped.panel";
const LEAST = 380; // pixels, as --panel-min
const MOST = 720; // pixels, as --panel-max
const USUAL = 456; // pixels, as --panel
const STEP = 24; // pixels an arrow key moves it

const within = (width: number) => Math.round(Math.max(LEAST, Math.min(MOST, width)));

/** The left edge of a panel, by which it is made wider or narrower; this browser remembers how wide. */
export function PanelEdge() {
  const [width, setWidth] = useState(() => within(Number(localStorage.getItem(KEY)) || USUAL));
  useEffect(() => {
    document.documentElement.style.setProperty("--panel", `${width}px`);
    localStorage.setItem(KEY, String(width));
  }, [width]);
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons === 1) setWidth(within(innerWidth - event.clientX));
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => setWidth(USUAL)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
        if (!by) return;
        event.preventDefault();
        event.stopPropagation();
        setWidth(within(width + by));
      }}
      className="group absolute inset-y-0 -left-1 z-10 flex w-2 cursor-col-resize touch-none items-center justify-center max-sm:hidden"
    >
      <span aria-hidden className="h-8 w-1 rounded-full bg-line-strong group-hover:bg-accent group-focus-visible:bg-accent" />
    </div>
  );
}
