"use client";

import { clsx } from "clsx";
import { Maximize, Minus, Plus } from "lucide-react";
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { useShortcuts } from "@/lib/shortcuts";
import { fit, keepMiddle, LARGEST, larger, SMALLEST, smaller } from "./zoom";

type FlowCanvasProps = { className?: string; children: (zoom: number) => ReactNode };

/** What a drawing lies on: it scrolls, and shows the drawing smaller or larger. */
export function FlowCanvas({ className, children }: FlowCanvasProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const before = useRef(zoom);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box || before.current === zoom) return;
    box.scrollTop = keepMiddle(box.scrollTop, box.clientHeight, before.current, zoom);
    before.current = zoom;
  }, [zoom]);
  const fitAll = () => {
    const box = scroller.current;
    const drawing = box?.querySelector<HTMLElement>("[data-flow]");
    if (box && drawing) setZoom(fit({ width: drawing.offsetWidth, height: drawing.offsetHeight }, { width: box.clientWidth, height: box.clientHeight }));
  };
  useShortcuts({ "0": () => setZoom(1), "1": fitAll });
  const icon = { "aria-hidden": true, size: 16, strokeWidth: 1.75 } as const;
  return (
    <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
      <div ref={scroller} className={clsx("min-h-0 flex-1 overflow-auto pt-6", className)}>{children(zoom)}</div>
      <div role="group" aria-label="Size of the drawing" className="absolute bottom-3 left-3 z-10 flex rounded-2 border border-line-strong bg-surface max-lg:hidden">
        <Button look="ghost" icon aria-label="Smaller" aria-disabled={zoom <= SMALLEST || undefined} onClick={() => setZoom(smaller)}><Minus {...icon} /></Button>
        <Button look="ghost" className="w-16 tabular-nums" aria-label={`${Math.round(zoom * 100)} %, back to 100 %`} onClick={() => setZoom(1)}>{Math.round(zoom * 100)} %</Button>
        <Button look="ghost" icon aria-label="Larger" aria-disabled={zoom >= LARGEST || undefined} onClick={() => setZoom(larger)}><Plus {...icon} /></Button>
        <Button look="ghost" icon aria-label="Show all of it" onClick={fitAll}><Maximize {...icon} /></Button>
      </div>
    </div>
  );
}
