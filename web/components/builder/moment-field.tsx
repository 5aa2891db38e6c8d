"use client";

import { CalendarClock } from "lucide-react";
import { useRef, type ComponentProps } from "react";
import { Button } from "@/components/ui/button";
import { ExpressionField } from "./mapping/expression-field";
import { localMoment, momentWithZone } from "./moment";

type MomentFieldProps = ComponentProps<typeof ExpressionField> & { label: string };

/** A date and time with its zone, typed, mapped, or picked from the browser's calendar in the zone of who picks. */
export function MomentField({ label, value, onChange, ...rest }: MomentFieldProps) {
  const calendar = useRef<HTMLInputElement>(null);
  return (
    <div className="relative flex items-start gap-2">
      <ExpressionField {...rest} value={value} onChange={onChange} />
      <Button icon aria-label={`Pick “${label}” from a calendar`} onClick={() => calendar.current?.showPicker()}>
        <CalendarClock aria-hidden size={16} strokeWidth={1.75} />
      </Button>
      <input
        ref={calendar}
        type="datetime-local"
        tabIndex={-1}
        aria-hidden
        className="pointer-events-none absolute right-0 bottom-0 size-px opacity-0"
        value={localMoment(value)}
        onChange={(event) => {
          const moment = momentWithZone(event.target.value);
          if (moment) onChange(moment);
        }}
      />
    </div>
  );
}
