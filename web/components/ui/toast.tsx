"use client";

import { CircleAlert, CircleCheck, X } from "lucide-react";
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from "react";
import { Button } from "./button";

const SHOWN_FOR = 5_000; // milliseconds

type Toast = { id: number; text: string; bad: boolean };
type Say = (text: string, options?: { bad?: boolean }) => void;

const ToastContext = createContext<Say>(() => undefined);

/** Says something in passing; what went wrong stays until it has been dismissed. */
export const useToast = () => useContext(ToastContext);

export function Toaster({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), []);
  const say = useCallback<Say>((text, options) => {
    next.current += 1;
    const id = next.current;
    setToasts((all) => [...all.slice(-2), { id, text, bad: options?.bad ?? false }]);
  }, []);
  return (
    <ToastContext value={say}>
      {children}
      <div role="status" aria-live="polite" data-toasts className="pointer-events-auto fixed right-4 bottom-4 z-70 grid gap-2 max-sm:left-4 max-sm:bottom-20">
        {toasts.map((toast) => (
          <OneToast key={toast.id} toast={toast} onDone={drop} />
        ))}
      </div>
    </ToastContext>
  );
}

function OneToast({ toast, onDone }: { toast: Toast; onDone: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held || toast.bad) return;
    const timer = setTimeout(() => onDone(toast.id), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [held, onDone, toast.bad, toast.id]);
  const Icon = toast.bad ? CircleAlert : CircleCheck;
  return (
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      className="flex max-w-96 items-center gap-2 rounded-3 border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-3"
    >
      <Icon aria-hidden size={16} strokeWidth={1.75} className={toast.bad ? "shrink-0 text-bad-ink" : "shrink-0 text-ok-ink"} />
      <span className="min-w-0 flex-1 break-words">{toast.text}</span>
      <Button look="ghost" size="small" icon aria-label="Dismiss" onClick={() => onDone(toast.id)}>
        <X size={14} />
      </Button>
    </div>
  );
}
